import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import type { Io } from '../../../src/cli/command.ts'
import { command, type IssuedLetters } from '../../../src/cli/insurer/issue.ts'
import { randomBytes, toBase64, toBase64url } from '../../../src/crypto/bytes.ts'
import { codeSigningKey, parseCode } from '../../../src/crypto/codes.ts'
import { contentDigest, parseBase, parseRequestSignature, verifyBase } from '../../../src/crypto/httpsig.ts'
import { SealSecretKey } from '../../../src/crypto/keys.ts'
import { SigningKey } from '../../../src/crypto/sign.ts'
import { cosignStatement, ed25519Signer, statementHash } from '../../../src/crypto/statement.ts'
import { spokenCode } from '../../../src/dev/spoken-text.ts'
import { formatVkey, noteKey } from '../../../src/log/note.ts'
import { RegistrationImport } from '../../../src/protocol/messages.ts'
import { StatementTyp } from '../../../src/protocol/statements.ts'
import { testFolder } from '../../fixtures/test-folder.ts'
import { makeTls } from './tls.ts'

const deployment = toBase64url(randomBytes(16))
const INS = '1541187387477485562488'
const OTHER = '0833910461279517589858'
const LIST = `ins,name,given_names,address_1,address_2\n${INS},DUPRÉ,Éléonore,1 rue Haute,38000 GRENOBLE\n${OTHER},MARTIN,Paul,2 rue Haute,\n`

/** A host's two routes for the insurer, as docs/protocol/api.md has them: enough of the wire to be spoken to. */
async function startHost(t: { teardown(work: () => void): unknown }, folder: string) {
  const tls = await makeTls()
  const insurer = SigningKey.generate()
  const taken: RegistrationImport[] = []
  const openings: { cursor: number; registration: string; identity: string; recordId: string; t: string }[] = []
  const server = createServer({ key: tls.key, cert: tls.cert, minVersion: 'TLSv1.3' }, async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const path = request.url ?? ''
    const answer = (value: object) => response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
    if (path === '/v1/registrations') {
      const given = RegistrationImport.parse(JSON.parse(body.toString()))
      taken.push(given)
      answer({ registration: toBase64url(statementHash(given.registration)), receipt: 'YQ.YQ.YQ' })
      return
    }
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    const { base, signature } = parseRequestSignature({
      method: 'POST',
      authority: request.headers.host ?? '',
      path,
      query: '',
      headers,
    })
    const signed = parseBase(base)
    if (
      !verifyBase(base, signature, insurer.verifyKey) ||
      contentDigest(body) !== `sha-256=:${toBase64(signed.contentDigest)}:`
    ) {
      response.statusCode = 401
      response.end('{}')
      return
    }
    const { after } = JSON.parse(body.toString())
    answer({ openings: openings.filter(({ cursor }) => cursor > after) })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const anchors = {
    v: 1,
    deployment,
    name: 'Test',
    development: true,
    urls: { patients: url, professionals: url },
    serverAuthority: tls.authority,
    hostKey: toBase64url(SigningKey.generate().verifyKey.bytes),
    insurerKey: toBase64url(insurer.verifyKey.bytes),
    cardAuthorities: [tls.authority],
    policy: `log ${formatVkey(noteKey('example.com/log', 'ed25519', SigningKey.generate().verifyKey))}\nquorum none\n`,
    origin: 'example.com/log',
  }
  const at = (name: string) => join(folder, name)
  writeFileSync(at('anchors.json'), JSON.stringify(anchors))
  writeFileSync(at('insurer.key'), `${toBase64url(insurer.seed)}\n`, { mode: 0o600 })
  writeFileSync(at('ins.csv'), LIST)
  const values = {
    anchors: at('anchors.json'),
    key: at('insurer.key'),
    ledger: at('ledger.jsonl'),
    list: at('ins.csv'),
    out: at('letters'),
  }
  return { taken, openings, values, server }
}

function io(): Io & { lines: string[] } {
  const lines: string[] = []
  return {
    lines,
    json: false,
    print: line => void lines.push(line),
    progress: () => undefined,
    clock: () => new Date(),
  }
}

const run = (values: Record<string, string | boolean | string[]>, speak = io()) =>
  command.run({ values, positionals: [] }, speak) as Promise<IssuedLetters>

/** The patient's part of an opening. */
async function open(code: string, registration: string) {
  const sign = SigningKey.generate()
  const payload = {
    deployment,
    registration,
    signKey: toBase64url(sign.verifyKey.bytes),
    sealKey: toBase64url(SealSecretKey.generate().publicKey.bytes),
    prevIdentity: null,
    nonce: toBase64url(randomBytes(16)),
  }
  const first = ed25519Signer(codeSigningKey(parseCode(code), INS), registration)
  const identity = await cosignStatement(StatementTyp.identity, payload, first, ed25519Signer(sign, 'self'))
  const recordId = toBase64url(statementHash(identity).subarray(0, 16))
  return { registration, identity, recordId, t: new Date().toISOString() }
}

t.test('opening letters, then activation letters for those who opened', async t => {
  const { taken, openings, values } = await startHost(t, testFolder(t))
  const speak = io()
  const first = await run({ ...values, purpose: 'opening', from: ['Caisse'], phone: '36 46' }, speak)
  t.match(first, { purpose: 'opening', sent: 2, opened: 0, refused: [], refusedOpenings: [], stray: [] })
  t.equal(first.letters.length, 2)
  t.equal(taken.length, 2)
  t.equal(readdirSync(values.out).length, 2)
  const code = spokenCode(readFileSync(join(values.out, first.letters[0]?.letter ?? '')))
  t.notOk([JSON.stringify(first), JSON.stringify(taken), ...speak.lines].join().includes(code.slice(0, 11)))

  t.match(await run({ ...values, purpose: 'opening' }), { sent: 0, letters: [{ made: false }, { made: false }] })
  t.match(await run({ ...values, purpose: 'activation' }), { letters: [], opened: 0, sent: 0 }, 'nobody opened yet')
  await t.rejects(run({ ...values, purpose: 'activation', ins: INS }), { code: 'not-opened' })
  await t.rejects(run({ ...values, purpose: 'activation', ins: '1121717802492545833548' }), { code: 'ins-not-listed' })

  openings.push({ cursor: 4, ...(await open(code, first.letters[0]?.registration ?? '')) })
  const second = await run({ ...values, purpose: 'activation' })
  t.match(second, { opened: 1, sent: 1, letters: [{ ins: INS, made: true }], refusedOpenings: [] })
  t.equal(command.exitCode?.(second), 0)
  t.equal(taken.length, 3)
  t.match(await run({ ...values, purpose: 'activation' }), { opened: 0, sent: 0, letters: [] }, 'not twice')

  const spoiled = { cursor: 5, ...(await open(code, first.letters[0]?.registration ?? '')) }
  openings.push(spoiled)
  const third = await run({ ...values, purpose: 'activation' })
  t.match(third, { opened: 0, letters: [], refusedOpenings: [{ code: 'opening-refused' }] })
  t.equal(command.exitCode?.(third), 4)
  openings.push({ ...spoiled, cursor: 3 }, { ...spoiled, cursor: 6 }, { ...spoiled, cursor: 6 })
  await t.rejects(run({ ...values, purpose: 'activation' }), { code: 'host-answer' }, 'the same opening once more')
})

t.test('without a host: registrations in a file, and the host is told later', async t => {
  const folder = testFolder(t)
  const { taken, values, server } = await startHost(t, folder)
  const offline = join(folder, 'registrations.jsonl')
  const made = await run({ ...values, purpose: 'opening', offline, ins: `${INS.slice(0, 5)} ${INS.slice(5)}` })
  t.match(made, { sent: 1, letters: [{ ins: INS }] })
  t.equal(taken.length, 0)
  const [line = '', ...more] = readFileSync(offline, 'utf8').trimEnd().split('\n')
  t.same(more, [])
  const given = RegistrationImport.parse(JSON.parse(line))
  t.match(await run({ ...values, purpose: 'opening', ins: INS }), { sent: 1, letters: [{ made: false }] })
  t.same(taken, [given])
  writeFileSync(join(values.out, `opening-${'x'.repeat(16)}.pdf`), '')
  t.equal((await run({ ...values, purpose: 'opening', ins: INS })).stray.length, 1)
  server.closeAllConnections()
  server.close()
  await t.rejects(run({ ...values, purpose: 'opening' }), { code: 'host-unreachable' })
  t.equal(readdirSync(values.out).length, 3, 'the letter is made, its registration waits')
})

t.test('what is asked wrongly is refused before anything is made', async t => {
  const folder = testFolder(t)
  const { values } = await startHost(t, folder)
  const usage = { code: 'usage' }
  await t.rejects(run({ ...values, purpose: 'both' }), usage)
  await t.rejects(run({ ...values, purpose: 'opening', again: true }), usage)
  await t.rejects(run({ ...values, purpose: 'activation', offline: join(folder, 'x') }), usage)
  await t.rejects(run({ ...values, purpose: 'opening', list: join(folder, 'none') }), { code: 'list-missing' })
  writeFileSync(join(folder, 'other.key'), `${toBase64url(randomBytes(32))}\n`, { mode: 0o600 })
  await t.rejects(run({ ...values, purpose: 'opening', key: join(folder, 'other.key') }), { code: 'insurer-key' })
  await t.rejects(run({ ...values, purpose: 'opening', ins: '1' }), { code: 'ins-length' })
  writeFileSync(values.list, `${LIST}1541187387477485562489,X,Y,1 rue Haute,\n`)
  const offline = join(folder, 'registrations.jsonl')
  t.match(await run({ ...values, purpose: 'opening', offline }), { refused: [{ line: 4, code: 'ins-check-key' }] })
})
