//go:build !long

package pdf

const hardNameCount = 145 // every kind several times
