// Package batch is the month as steps that can be stopped and run again:
// take lists in, fold rows into letters, check, prove, render, approve,
// release, work. It owns the small interfaces it needs; cmd joins them.
package batch
