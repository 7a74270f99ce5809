// Compiles one letter a line with one compiler that stays: JSON in, and out
// the milliseconds of processor time it took, the size and the SHA-256 of the PDF.
import { createRequire } from 'node:module'
import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { readFileSync, writeFileSync } from 'node:fs'

const [home, fonts, source] = process.argv.slice(2)
const { NodeCompiler } = createRequire(home + '/')('@myriaddreamin/typst-ts-node-compiler')
const compiler = NodeCompiler.create({ fontArgs: [{ fontPaths: [fonts] }], workspace: fonts })
const mainFileContent = readFileSync(source, 'utf8')
for await (const line of createInterface({ input: process.stdin })) {
  const start = process.cpuUsage()
  const pdf = compiler.pdf({ mainFileContent, inputs: { letter: line } }, { pdfTags: true })
  const sha256 = createHash('sha256').update(pdf).digest('hex')
  const used = process.cpuUsage(start)
  const ms = (used.user + used.system) / 1000
  compiler.evictCache(10)
  if (process.env.OSHIRASE_LOOK) writeFileSync(process.env.OSHIRASE_LOOK + '/typst.pdf', pdf)
  console.log(JSON.stringify({ ms, bytes: pdf.length, sha256 }))
}
