// Package metrics shows a ledger's figures to those who watch the machine, in
// Prometheus's text form, and says whether it is well. It answers on this
// machine alone and carries no person's data: counts, times and the IDs of
// homes.
package metrics
