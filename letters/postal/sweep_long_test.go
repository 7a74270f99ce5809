//go:build long

package postal

const zintSweep = 100_000
