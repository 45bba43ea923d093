import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { toBase64url } from '../../../src/crypto/bytes.ts'
import { MlDsaSigningKey } from '../../../src/crypto/mldsa.ts'
import { SigningKey } from '../../../src/crypto/sign.ts'
import { logKeys, signCheckpoint } from '../../../src/log/checkpoint.ts'
import { formatVkey } from '../../../src/log/note.ts'
import { leafHash, treeRoot } from '../../../src/log/tree.ts'
import { formatAddCheckpoint } from '../../../src/log/witness.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const log = { origin: 'log.example/a', ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
const leaves = [1, 2, 3].map(i => leafHash(Uint8Array.of(i)))
const request = (roots: readonly Uint8Array[]) => {
  const checkpoint = signCheckpoint({ size: roots.length, root: treeRoot(roots) }, log, 1_800_000_000)
  return formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint })
}

/** Runs the command in a process of its own, through a line of code: the program's dispatch is tested elsewhere. */
function run(args: Record<string, string | boolean>) {
  const code = `
    import { command } from ${JSON.stringify(join(import.meta.dirname, '../../../src/cli/witness/serve.ts'))}
    const io = { print: line => console.log(line), progress() {}, json: false, clock: () => new Date() }
    const result = await command.run({ values: ${JSON.stringify(args)}, positionals: [] }, io)
    console.log(JSON.stringify(result))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', line => lines.push(line))
  const line = async () => {
    if (lines.length === 0) await Promise.race([once(reader, 'line'), once(child, 'exit')])
    return lines.shift() ?? ''
  }
  return { child, line }
}

t.test('a witness killed at any moment goes on from what it cosigned', async t => {
  const home = testFolder(t)
  for (const name of ['ed25519.key', 'mldsa44.key']) {
    writeFileSync(join(home, name), `${toBase64url(new Uint8Array(32).fill(9))}\n`, { mode: 0o600 })
  }
  const config = join(home, 'config.json')
  writeFileSync(
    config,
    JSON.stringify({
      name: 'witness.example/w',
      listen: { address: '127.0.0.1', port: 0 },
      keys: { ed25519: './ed25519.key', mlDsa44: './mldsa44.key' },
      state: './state.json',
      logs: [{ keys: logKeys(log).map(formatVkey) }],
    }),
  )
  const evidence = join(home, 'evidence.jsonl')
  const urlOf = (line: string) => /http:\/\/[^ ,]+/.exec(line)?.[0] ?? line
  const post = (url: string, body: string) => fetch(`${url}/add-checkpoint`, { method: 'POST', body })

  const first = run({ config, first: true })
  t.teardown(() => first.child.kill('SIGKILL'))
  const url = urlOf(await first.line())
  t.equal((await post(url, request(leaves))).status, 200)
  t.match(await first.line(), 'cosigned log.example/a at 3')
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')

  const second = run({ config, evidence })
  t.teardown(() => second.child.kill('SIGKILL'))
  const again = urlOf(await second.line())
  t.equal(await (await post(again, request(leaves))).text(), '3\n')
  t.equal(await second.line(), 'refused a checkpoint (409)')
  const fork = request([...leaves].reverse()).replace('old 0', 'old 3')
  t.equal((await post(again, fork)).status, 409)
  await second.line()
  t.equal(await second.line(), 'log.example/a signed two trees that do not fit together')
  second.child.kill('SIGTERM')
  t.match(JSON.parse(await second.line()), { cosigned: 0, refused: 2 })
  const [code] = second.child.exitCode === null ? await once(second.child, 'exit') : [second.child.exitCode]
  t.equal(code, 0)
  t.match(JSON.parse(readFileSync(evidence, 'utf8')), { origin: log.origin, cosigned: { size: 3 }, request: fork })
  t.notOk(existsSync(join(home, 'state.json.lock')))
})
