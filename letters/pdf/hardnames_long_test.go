//go:build long

package pdf

const hardNameCount = 3_000
