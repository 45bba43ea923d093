import fc from 'fast-check'
import t from 'tap'
import { MlDsaSigningKey } from '../../src/crypto/mldsa.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { addCosignatures, logKeys, signCheckpoint, verifyCheckpoint } from '../../src/log/checkpoint.ts'
import { cosignerKeys } from '../../src/log/cosignature.ts'
import { parseNote, parseSignatures } from '../../src/log/note.ts'
import { makePolicy } from '../../src/log/policy.ts'
import { consistencyProof, emptyRoot, leafHash, treeRoot } from '../../src/log/tree.ts'
import {
  addCheckpoint,
  conflictSize,
  formatAddCheckpoint,
  parseAddCheckpoint,
  type WitnessState,
} from '../../src/log/witness.ts'

const TIME = 1_800_000_000
const log = { origin: 'log.example/a', ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
const cosigner = { name: 'witness.example/w', ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
const logs = logKeys(log)

const leavesOf = (count: number, salt = 0) => Array.from({ length: count }, (_, i) => leafHash(Uint8Array.of(salt, i)))
const LEAVES = leavesOf(40)
const signed = (leaves: readonly Uint8Array[], by = log) =>
  signCheckpoint({ size: leaves.length, root: treeRoot(leaves) }, by, TIME)

/** A witness in memory; `ask` applies what it answers, as the server does. */
function witness(start: WitnessState | null = null) {
  const states = new Map<string, WitnessState>(start === null ? [] : [[log.origin, start]])
  const ask = (request: string, now = TIME) => {
    const answer = addCheckpoint(request, { logs, cosigner, now, stateOf: origin => states.get(origin) ?? null })
    if (answer.next !== undefined) states.set(answer.next.origin, answer.next.state)
    return answer
  }
  /** The log, or a forged one, goes from `oldSize` to all of `leaves`. */
  const submit = (oldSize: number, leaves: readonly Uint8Array[], now = TIME) => {
    const proof = oldSize === 0 || oldSize >= leaves.length ? [] : consistencyProof(leaves, oldSize, leaves.length)
    return ask(formatAddCheckpoint({ oldSize, proof, checkpoint: signed(leaves) }), now)
  }
  return { ask, submit, state: () => states.get(log.origin) ?? null }
}

t.test('a log grows, and each checkpoint is cosigned with both keys', async t => {
  const { submit, state } = witness()
  const policy = makePolicy({
    log: { keys: logs },
    witnesses: [{ name: 'w', keys: cosignerKeys(cosigner) }],
    threshold: 1,
  })
  let old = 0
  for (const size of [1, 2, 7, 8, 40]) {
    const checkpoint = signed(LEAVES.slice(0, size))
    const answer = submit(old, LEAVES.slice(0, size), TIME + size)
    t.equal(answer.status, 200)
    const cosigned = addCosignatures(checkpoint, answer.body, cosignerKeys(cosigner))
    t.match(verifyCheckpoint(cosigned, policy), { quorum: true, witnessedAt: TIME + size })
    t.match(state(), { size, time: TIME + size })
    old = size
  }
})

t.test('an idle log is cosigned again, with a fresh time', async t => {
  const { submit, state } = witness()
  submit(0, LEAVES)
  const again = submit(40, LEAVES, TIME + 300)
  t.equal(again.status, 200)
  t.equal(parseSignatures(again.body).length, 2)
  t.equal(state()?.time, TIME + 300)
})

t.test('a log without entries', async t => {
  const { submit, ask } = witness()
  t.equal(submit(0, []).status, 200)
  const wrong = signCheckpoint({ size: 0, root: treeRoot(LEAVES) }, log, TIME)
  t.equal(ask(formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint: wrong })).status, 409)
  t.equal(submit(0, LEAVES.slice(0, 3)).status, 200)
  const fresh = witness()
  t.equal(fresh.ask(formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint: wrong })).status, 409, 'never seen before')
})

t.test('a stale old size is told the right one', async t => {
  const { submit } = witness()
  submit(0, LEAVES.slice(0, 7))
  for (const old of [0, 3, 8]) {
    const { status, contentType, body } = submit(old, LEAVES)
    t.same({ status, contentType, body }, { status: 409, contentType: 'text/x.tlog.size', body: '7\n' })
  }
  t.match(witness().submit(3, LEAVES), { status: 409, contentType: 'text/x.tlog.size', body: '0\n' })
})

t.test('the size in a conflict is read strictly', async t => {
  const { submit } = witness()
  t.equal(conflictSize(submit(3, LEAVES)), 0)
  submit(0, LEAVES.slice(0, 7))
  t.equal(conflictSize(submit(0, LEAVES)), 7)
  t.equal(conflictSize(submit(7, [...LEAVES].reverse().slice(0, 7))), null, 'a fork is no stale size')
  const conflict = { status: 409, contentType: 'text/x.tlog.size', body: '7\n' }
  for (const body of ['', '7', '07\n', '7\n\n', ' 7\n', '-7\n', '9007199254740992\n']) {
    t.equal(conflictSize({ ...conflict, body }), null)
  }
  t.equal(conflictSize({ ...conflict, status: 200 }), null)
  t.equal(conflictSize({ ...conflict, contentType: null }), null)
})

t.test('never a shrink', async t => {
  const { submit, state } = witness()
  submit(0, LEAVES)
  t.match(submit(40, LEAVES.slice(0, 30)), { status: 400 })
  t.match(submit(30, LEAVES.slice(0, 30)), { status: 409, body: '40\n' })
  t.match(submit(0, LEAVES.slice(0, 30)), { status: 409, body: '40\n' })
  t.equal(state()?.size, 40)
})

t.test('never a fork: at the same size, later, or with a proof of another tree', async t => {
  const { submit, ask, state } = witness()
  submit(0, LEAVES.slice(0, 7))
  const before = state()
  const fork = [...LEAVES.slice(0, 5), ...leavesOf(20, 1)]
  const same = submit(7, fork.slice(0, 7))
  t.match(same, { status: 409, contentType: 'text/plain; charset=utf-8', evidence: { origin: log.origin } })
  const longer = submit(7, fork)
  t.match(longer, { status: 422, evidence: { origin: log.origin, state: { size: 7 } } })
  const checkpoint = signed(fork)
  t.match(ask(formatAddCheckpoint({ oldSize: 7, proof: consistencyProof(LEAVES, 7, fork.length), checkpoint })), {
    status: 422,
  })
  t.match(ask(formatAddCheckpoint({ oldSize: 7, proof: [], checkpoint })), { status: 422 })
  for (const answer of [same, longer]) t.notOk(answer.body.includes('—'), 'no signature leaves')
  t.equal(state(), before)
})

t.test('a proof where there must be none', async t => {
  const { submit, ask } = witness()
  const proof = [leafHash(new Uint8Array(0))]
  t.match(ask(formatAddCheckpoint({ oldSize: 0, proof, checkpoint: signed(LEAVES) })), { status: 422 })
  submit(0, LEAVES)
  t.match(ask(formatAddCheckpoint({ oldSize: 40, proof, checkpoint: signed(LEAVES) })), { status: 422 })
})

t.test('only checkpoints that the log signed, with both its keys', async t => {
  const { ask, state } = witness()
  const body = (checkpoint: string) => formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint })
  const unknown = { ...log, origin: 'log.example/other' }
  t.equal(ask(body(signed(LEAVES, unknown))).status, 404)
  const thief = { ...log, ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
  t.equal(ask(body(signed(LEAVES, thief))).status, 403)
  t.equal(ask(body(signed(LEAVES, { ...thief, mlDsa44: log.mlDsa44 }))).status, 403, 'one key is not enough')
  t.equal(ask(body(signed(LEAVES).replace('\n40\n', '\n41\n'))).status, 403)
  t.equal(state(), null)
})

t.test('what cannot be read is refused', async t => {
  const { ask } = witness()
  const good = formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint: signed(LEAVES) })
  const hash = emptyRoot().toBase64()
  const bad = {
    empty: '',
    'no old line': good.slice('old 0\n'.length),
    'leading zero': good.replace('old 0', 'old 00'),
    negative: good.replace('old 0', 'old -1'),
    'two spaces': good.replace('old 0', 'old  0'),
    'too large': good.replace('old 0', 'old 9007199254740992'),
    'carriage returns': good.replaceAll('\n', '\r\n'),
    'short hash': good.replace('old 0', 'old 0\nAAAA'),
    'hash in base64url': good.replace('old 0', `old 0\n${'_'.repeat(42)}8=`),
    '64 proof lines': good.replace('old 0', `old 0${`\n${hash}`.repeat(64)}`),
    'no empty line': good.replace('\n\n', '\n'),
    'no checkpoint': 'old 0\n\n',
    'no checkpoint signature': `old 0\n\n${parseNote(signed(LEAVES)).text}`,
    'checkpoint of two lines': 'old 0\n\na\n1\n\n— a AAAAAAA=\n',
    'too long': `old 0\n${`${hash}\n`.repeat(4000)}`,
  }
  for (const [why, request] of Object.entries(bad)) t.equal(ask(request).status, 400, why)
  const most = good.replace('old 0', `old 0${`\n${hash}`.repeat(63)}`)
  t.equal(parseAddCheckpoint(most).proof.length, 63)
  t.equal(ask(most).status, 422)
  t.throws(() => formatAddCheckpoint({ oldSize: -1, proof: [], checkpoint: '' }), { code: 'request-malformed' })
})

t.test('a clock that went back gives no earlier time', async t => {
  const { submit, state } = witness()
  submit(0, LEAVES.slice(0, 7), TIME)
  t.equal(submit(7, LEAVES, TIME - 86_400).status, 200)
  t.equal(state()?.time, TIME)
})

t.test('whatever is asked, in any order, all that was cosigned is one tree', async t => {
  const fork = [...LEAVES.slice(0, 10), ...leavesOf(30, 9)]
  // Half of them with the right old size, or nearly all would be refused before the proof is looked at.
  const old = fc.option(fc.integer({ min: 0, max: 40 }), { freq: 1 })
  const request = fc.tuple(fc.boolean(), old, fc.integer({ min: 0, max: 40 }))
  fc.assert(
    fc.property(fc.array(request, { maxLength: 12 }), requests => {
      const { submit, state } = witness()
      let size = 0
      let tree: readonly Uint8Array[] | null = null
      for (const [forked, asked, next] of requests) {
        const old = asked ?? size
        const leaves = (forked ? fork : LEAVES).slice(0, next)
        if (submit(old, leaves).status !== 200) continue
        if (next < size || old !== size) throw new Error('it shrank, or skipped')
        size = next
        if (size > 10) {
          const of: readonly Uint8Array[] = forked ? fork : LEAVES
          if (tree !== null && tree !== of) throw new Error('it forked')
          tree = of
        }
        t.same(state()?.root, treeRoot(leaves))
      }
    }),
    { numRuns: 40 },
  )
})
