import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { main } from '../../../src/cli/main.ts'
import { fromBase64url } from '../../../src/crypto/bytes.ts'
import { formatNote, parseNote } from '../../../src/log/note.ts'
import { TileBuilder } from '../../../src/log/tile-builder.ts'
import { playStore, StoreCopy } from '../../fixtures/audited-store.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const folder = testFolder(t)
const played = await playStore(join(folder, 'played'))
const anchors = join(folder, 'anchors.json')
writeFileSync(anchors, JSON.stringify(played.anchors))

/** A host's public log, served from a copy of its store. */
let shown = new StoreCopy(played, join(folder, 'shown'))
const truthful = shown
const server = createServer((request, response) => {
  const file = shown.file(request.url ?? '')
  if (!existsSync(file)) response.writeHead(404).end()
  else response.end(readFileSync(file))
})
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
t.teardown(() => server.close())
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/log`
const state = join(folder, 'watch.json')

async function watch(...words: string[]) {
  let out = ''
  let err = ''
  const code = await main(['audit', 'watch', ...words], {
    stdout: { write: text => (out += text) },
    stderr: { write: text => (err += text) },
  })
  const looks = out.split('\n').filter(line => line.startsWith('{'))
  return { code, err, look: JSON.parse(looks.at(-1) ?? '{}') as { size: number; alarms: { code: string }[] } }
}
const once = (...words: string[]) => watch(url, '--anchors', anchors, '--state', state, '--once', ...words)
const codesOf = (look: { alarms: { code: string }[] }) => look.alarms.map(({ code }) => code)

t.test('a log that grows is followed, its state kept', async t => {
  const first = await once()
  t.same([first.code, codesOf(first.look)], [0, []], first.err)
  t.equal(first.look.size, truthful.entries().length)
  const builder = TileBuilder.empty()
  for (const { hash } of truthful.entries()) builder.append(fromBase64url(hash))
  const grown = new StoreCopy(played, join(folder, 'grown'))
  grown.sign([...truthful.entries().map(({ hash }) => hash), ...truthful.entries().map(({ hash }) => hash)])
  shown = grown
  const second = await once()
  t.same([second.code, codesOf(second.look)], [0, []])
  t.equal(second.look.size, 2 * first.look.size)
})

t.test('a live log is verified as far as it is public, and never said to hold', async t => {
  shown = truthful
  const verify = async (...words: string[]) => {
    let out = ''
    let err = ''
    const code = await main(['audit', 'verify', url, '--anchors', anchors, ...words], {
      stdout: { write: text => (out += text) },
      stderr: { write: text => (err += text) },
    })
    return { code, out, err }
  }
  const kept = join(folder, 'kept.txt')
  writeFileSync(kept, readFileSync(truthful.file('log', 'checkpoint')))
  const receipts = join(folder, 'receipts.txt')
  writeFileSync(receipts, `${played.receipts.join('\n')}\n`)
  const good = await verify('--checkpoint', kept, '--receipts', receipts)
  t.equal(good.code, 20, good.err)
  t.match(good.out, /^NOTHING FOUND in what is public/m)
  t.match(good.out, new RegExp(`^ {2}${played.receipts.length} receipts honoured`, 'm'))
  t.match(good.out, /Not checked, because it is not public[\s\S]*the patient’s right behind each read/)
  const altered = new StoreCopy(played, join(folder, 'altered'))
  altered.publish({ size: truthful.entries().length, root: new Uint8Array(32) })
  shown = altered
  const evidence = join(folder, 'live-evidence')
  const bad = await verify('--evidence', evidence)
  t.equal(bad.code, 11)
  t.match(bad.out, /\[tree-root\]/)
  t.ok(existsSync(join(evidence, 'tree-root.json')))
  t.match((await verify('--state', 'x')).err, /--state is for stores/)
  const away = await main(['audit', 'verify', 'http://127.0.0.1:1/log', '--anchors', anchors], {
    stdout: { write: () => {} },
    stderr: { write: () => {} },
  })
  t.equal(away, 6)
})

t.test('shrunk, forked, without its witnesses, altered, gone: each is an alarm, and what was seen is kept', async t => {
  const kept = readFileSync(state, 'utf8')
  const { size } = JSON.parse(kept) as { size: number }
  const alarmOf = async (copy: StoreCopy) => {
    shown = copy
    const { code, look } = await once()
    t.equal(code, 11)
    return codesOf(look)
  }
  let copies = 0
  const copyOf = () => new StoreCopy(played, join(folder, `copy-${++copies}`))
  t.same(await alarmOf(truthful), ['tail-cut'])
  t.equal(readFileSync(state, 'utf8'), kept)
  const forked = copyOf()
  const other = truthful
    .entries()
    .map(({ hash }) => hash)
    .toReversed()
  forked.sign([...other, ...other, ...other].slice(0, size))
  t.same(await alarmOf(forked), ['tree-forked'])
  t.equal(readFileSync(state, 'utf8'), kept)
  const missing = copyOf()
  missing.publish({ size: size * 2, root: new Uint8Array(32) })
  t.same(await alarmOf(missing), ['tile-missing'])
  const unsigned = copyOf()
  writeFileSync(unsigned.file('log', 'checkpoint'), 'no note\n')
  t.same(await alarmOf(unsigned), ['checkpoint-signature'])
  const none = copyOf()
  writeFileSync(state, readFileSync(state))
  const { text, signatures } = parseNote((JSON.parse(kept) as { note: string }).note)
  none.sign([...truthful.entries(), ...truthful.entries()].map(({ hash }) => hash))
  writeFileSync(
    none.file('log', 'checkpoint'),
    formatNote({ text, signatures: signatures.filter(({ name }) => !name.includes('witness')) }),
  )
  t.same(await alarmOf(none), ['checkpoint-quorum'])
})

t.test('a program is told of an alarm', async t => {
  const program = join(folder, 'tell.sh')
  writeFileSync(program, `#!/bin/sh\ncat > ${join(folder, 'told')}\n`)
  chmodSync(program, 0o755)
  shown = truthful
  await once('--tell', program)
  t.match(JSON.parse(readFileSync(join(folder, 'told'), 'utf8')), { alarms: [{ code: 'tail-cut' }] })
  t.equal((await once('--tell', join(folder, 'nowhere'))).code, 11, 'a program that is not there stops nothing')
})

t.test('a log that does not answer is no alarm; what is typed wrong is told', async t => {
  const none = await watch('http://127.0.0.1:1/log', '--anchors', anchors, '--state', state, '--once')
  t.equal(none.code, 6)
  const wrong = async (...words: string[]) => (await watch(...words)).err
  t.match(await wrong('http://host.example/log', '--anchors', anchors, '--state', state), /not the https URL/)
  t.match(await wrong(url, '--anchors', anchors, '--state', anchors, '--once'), /not the state of a watch/)
  t.match(await wrong(url, '--anchors', anchors, '--state', state, '--every', '0'), /whole seconds/)
})
