import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { Ledger, type LedgerEvent } from '../../src/ins/insurer-ledger.ts'
import { issueRegistration } from '../../src/ins/registration.ts'
import type { DeploymentId, Hash, Ins, Instant, RecordId } from '../../src/protocol/ids.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const deployment = toBase64url(randomBytes(16)) as DeploymentId
const ins = '1541187387477485562488' as Ins
const t0 = '2026-11-24T08:00:00.000Z' as Instant

async function issuedEvent(purpose: 'opening' | 'activation' = 'opening'): Promise<LedgerEvent & { event: 'issued' }> {
  const insurer = SigningKey.generate()
  const issued = await issueRegistration({ insurer, deployment, ins, purpose, now: new Date(t0) })
  const { hash, payload } = issued
  const about = { hash, purpose, expiresAt: payload.expiresAt, letter: 'opening-x.pdf' }
  return { event: 'issued', t: t0, ...about, import: issued.import }
}

t.test('what was written is there after a restart', async t => {
  const path = join(testFolder(t), 'ledger.jsonl')
  const ledger = Ledger.open(path, deployment)
  t.equal(statSync(path).mode & 0o777, 0o600)
  const event = await issuedEvent()
  const { hash } = event
  const recordId = toBase64url(randomBytes(16)) as RecordId
  ledger.append(event)
  t.match(ledger.find(hash), { taken: false, opened: null, refused: false })
  ledger.append({ event: 'taken', t: t0, hash }, { event: 'cursor', cursor: 7 })
  ledger.append({ event: 'opened', t: t0, hash, recordId, identity: hash })
  ledger.close()
  const again = Ledger.open(path, deployment)
  t.match(again.find(hash), { ins, purpose: 'opening', taken: true, opened: { recordId, identity: hash } })
  t.equal(again.latest(ins, 'opening'), again.find(hash))
  t.equal(again.latest(ins, 'activation'), null)
  t.equal(again.find(recordId as never), null)
  t.equal(again.cursor, 7)
  t.equal([...again.entries()].length, 1)
  const second = await issuedEvent()
  again.append(second, { event: 'refused', t: t0, hash: second.hash, code: 'x', evidence: 'y' })
  t.equal(again.latest(ins, 'opening')?.hash, second.hash)
  t.equal(again.find(second.hash)?.refused, true)
  again.close()
})

t.test('a line that a crash cut is dropped, wherever it was cut', async t => {
  const folder = testFolder(t)
  const path = join(folder, 'ledger.jsonl')
  const ledger = Ledger.open(path, deployment)
  const event = await issuedEvent()
  ledger.append(event)
  const whole = readFileSync(path)
  ledger.append({ event: 'taken', t: t0, hash: event.hash })
  ledger.close()
  const more = readFileSync(path)
  for (let length = whole.length; length < more.length; length += 7) {
    writeFileSync(path, more.subarray(0, length))
    const again = Ledger.open(path, deployment)
    t.equal(again.find(event.hash)?.taken, false)
    again.append({ event: 'taken', t: t0, hash: event.hash })
    again.close()
    t.same(readFileSync(path), more, `cut at ${length} and written again`)
  }
})

t.test('a damaged ledger, another’s, and one that two processes write are refused', async t => {
  const folder = testFolder(t)
  const path = join(folder, 'ledger.jsonl')
  const ledger = Ledger.open(path, deployment)
  const event = await issuedEvent()
  appendFileSync(path, `${JSON.stringify(event)}\n`)
  t.throws(() => ledger.append(event), { code: 'ledger-changed' })
  ledger.close()
  t.throws(() => Ledger.open(path, toBase64url(randomBytes(16)) as DeploymentId), { code: 'ledger-deployment' })
  const good = readFileSync(path, 'utf8')
  const bad = [
    '{}\n',
    'null\n',
    'x\n',
    '{"event":"other"}\n',
    '{"event":"ledger","v":1,"deployment":"x"}\n',
    '{"event":"taken","t":"x"}\n',
    '{"event":"cursor","cursor":1,"more":2}\n',
    `${JSON.stringify({ ...event, import: { ...event.import, ins: '1' } })}\n`,
  ]
  for (const line of bad) {
    writeFileSync(path, good + line)
    t.throws(() => Ledger.open(path, deployment), { code: 'ledger-malformed' }, line.slice(0, 40))
  }
  writeFileSync(path, good.split('\n').slice(1).join('\n'))
  t.throws(() => Ledger.open(path, deployment), { code: 'ledger-malformed' }, 'without its first line')
  const unknown = toBase64url(randomBytes(32)) as Hash
  writeFileSync(path, `${good}{"event":"taken","t":"${t0}","hash":"${unknown}"}\n`)
  t.throws(() => Ledger.open(path, deployment), { code: 'ledger-unknown' })
})
