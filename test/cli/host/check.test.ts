import { chmodSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { command } from '../../../src/cli/host/check.ts'
import type { Finding } from '../../../src/cli/host/checks.ts'
import { toBase64url } from '../../../src/crypto/bytes.ts'
import { SigningKey } from '../../../src/crypto/sign.ts'
import { startTestHost } from '../../fixtures/host.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const host = await startTestHost(testFolder(t))
const { layout } = host.world
const config = layout.host.config

async function check(at = new Date()) {
  const lines: string[] = []
  const io = { print: (line: string) => void lines.push(line), progress: () => {}, json: false, clock: () => at }
  const result = (await command.run({ values: { config }, positionals: [] }, io)) as {
    findings: Finding[]
    documents: number | null
  }
  return { ...result, lines, exitCode: command.exitCode?.(result), checks: result.findings.map(each => each.check) }
}

t.test('a host that serves may be checked', async t => {
  const { findings, documents } = await check()
  t.strictSame(findings, [])
  t.equal(documents, 0)
  await host.stop()
})

t.test('a good host', async t => {
  const { findings, documents, lines, exitCode } = await check()
  t.strictSame(findings, [])
  t.equal(documents, 0)
  t.equal(exitCode, 0)
  t.match(lines.at(-1), /All is well/)
})

t.test('a key that others can read is found, and its host refuses to start', async t => {
  const key = join(layout.host.keys, 'host.key')
  chmodSync(key, 0o640)
  t.teardown(() => chmodSync(key, 0o600))
  const { checks, lines, exitCode } = await check()
  t.strictSame(checks, ['permissions'])
  t.equal(exitCode, 10)
  t.match(lines.join('\n'), /chmod 600/)
})

t.test('a key that is not the anchors’', async t => {
  const key = join(layout.host.keys, 'host.key')
  const before = readFileSync(key)
  t.teardown(() => writeFileSync(key, before))
  writeFileSync(key, `${toBase64url(SigningKey.generate().seed)}\n`)
  t.strictSame((await check()).checks, ['keys'])
  writeFileSync(key, 'not a key')
  t.strictSame((await check()).checks, ['keys'])
})

t.test('dates: lists first, then the server’s certificate', async t => {
  const inDays = (days: number) => new Date(Date.now() + days * 24 * 3600_000)
  t.strictSame([...new Set((await check(inDays(8))).checks)], ['lists'])
  t.strictSame([...new Set((await check(inDays(85))).checks)], ['lists', 'certificates'])
  const [name = ''] = readdirSync(layout.host.crls)
  const file = join(layout.host.crls, name)
  const before = readFileSync(file)
  t.teardown(() => writeFileSync(file, before))
  writeFileSync(file, 'not a list')
  t.strictSame((await check()).checks, ['lists'])
  unlinkSync(file)
})

t.test('a damaged store', async t => {
  const file = join(layout.host.store, 'store.sqlite')
  const bytes = readFileSync(file)
  for (let at = 4096 * 3; at < bytes.length; at += 4096) bytes.fill(0x5a, at + 8, at + 200)
  writeFileSync(file, bytes)
  t.ok((await check()).checks.includes('store'))
})
