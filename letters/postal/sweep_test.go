//go:build !long

package postal

const zintSweep = 2_000
