import { join } from 'node:path'
import t from 'tap'
import { type RunningWitness, serveWitness } from '../../src/cli/witness/server.ts'
import { MlDsaSigningKey } from '../../src/crypto/mldsa.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { addCosignatures, logKeys, signCheckpoint, verifyCheckpoint } from '../../src/log/checkpoint.ts'
import { cosignerKeys } from '../../src/log/cosignature.ts'
import { makePolicy } from '../../src/log/policy.ts'
import { TileReader } from '../../src/log/tile-reader.ts'
import { type Witness, Witnesses, witnessesOf } from '../../src/vault/witnesses.ts'
import { testFolder } from '../fixtures/test-folder.ts'
import { grow } from '../fixtures/tiled-log.ts'

const signer = { origin: 'test.invalid/log', ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
const cosigner = (name: string) => ({
  name: `test.invalid/${name}`,
  ed25519: SigningKey.generate(),
  mlDsa44: MlDsaSigningKey.generate(),
})
const { files, roots } = await grow([3, 7, 300])
const checkpointOf = (size: number) => ({ size, root: roots.get(size) as Uint8Array })
const seconds = Math.floor(Date.now() / 1000)

async function world(folder: string, { count, threshold } = { count: 2, threshold: 2 }) {
  const cosigners = Array.from({ length: count }, (_, i) => cosigner(`w${i + 1}`))
  const serve = (which: ReturnType<typeof cosigner>, file: string) =>
    serveWitness({ port: 0, stateFile: join(folder, file), createState: true, cosigner: which, logs: logKeys(signer) })
  const running = (await Promise.all(cosigners.map((each, i) => serve(each, `${i}.json`)))) as [
    RunningWitness,
    RunningWitness,
    ...RunningWitness[],
  ]
  const policy = makePolicy({
    log: { keys: logKeys(signer) },
    witnesses: cosigners.map((each, i) => ({
      name: `w${i + 1}`,
      keys: cosignerKeys(each),
      url: running[i]?.url ?? '',
    })),
    threshold,
  })
  const lags: string[] = []
  const ask = async (witnesses: Witnesses, size: number) => {
    const tree = checkpointOf(size)
    let signed = signCheckpoint(tree, signer, seconds)
    const reader = new TileReader(tree, async path => files.get(path) ?? null)
    for (const { keys, answer } of await witnesses.ask(signed, size, reader))
      signed = addCosignatures(signed, answer, keys)
    return verifyCheckpoint(signed, policy)
  }
  const make = (list = witnessesOf(policy)) =>
    new Witnesses(list, {
      onLag: url => void lags.push(url),
      onShort: () => void lags.push('short'),
      clock: () => new Date(seconds * 1000),
    })
  return { running, policy, lags, ask, make }
}

t.test('each witness of the policy is asked, and counts with both its keys', async t => {
  const { running, policy, lags, ask, make } = await world(testFolder(t))
  t.same(
    witnessesOf(policy).map(({ url, keys }) => [url, keys.length]),
    running.map(({ url }) => [url, 2]),
  )
  const witnesses = make()
  for (const size of [3, 7, 7, 300]) t.ok((await ask(witnesses, size)).quorum, `${size}`)
  t.same(lags, [])
  t.ok((await ask(make(), 300)).quorum, 'a host that forgot how far they are is told')
  for (const witness of running) await witness.close()
})

t.test('a host that forgot where they stand goes on with the growth they ask for', async t => {
  const { running, ask, make } = await world(testFolder(t))
  t.ok((await ask(make(), 3)).quorum)
  t.ok((await ask(make(), 300)).quorum, 'one 409, one proof')
  for (const witness of running) await witness.close()
})

t.test('one that is away, or says nonsense, holds up nobody', async t => {
  const { running, policy, lags, ask, make } = await world(testFolder(t))
  await running[1].close()
  const { quorum, cosigned } = await ask(make(), 3)
  t.notOk(quorum)
  t.equal(cosigned.length, 2, 'both keys of the one that is there')
  t.same(lags, [running[1].url])
  const swapped = witnessesOf(policy).map(({ keys }) => ({ url: `${running[0].url}/nowhere`, keys }))
  t.equal((await ask(make(swapped), 3)).cosigned.length, 0)
  make().onShort()
  t.equal(lags.at(-1), 'short')
  await running[0].close()
})

t.test('two of three are enough: the log goes on without one, and says how far behind it is', async t => {
  const { running, ask, make } = await world(testFolder(t), { count: 3, threshold: 2 })
  const witnesses = make()
  t.same(
    witnesses.standing().map(({ treeSize, cosignedAt }) => [treeSize, cosignedAt]),
    [
      [null, null],
      [null, null],
      [null, null],
    ],
    'nothing is known before the first answer',
  )
  t.ok((await ask(witnesses, 3)).quorum)
  await running[2]?.close()
  t.ok((await ask(witnesses, 300)).quorum, 'one away')
  const at = new Date(seconds * 1000)
  t.same(witnesses.standing(), [
    { name: 'test.invalid/w1', treeSize: 300, cosignedAt: at },
    { name: 'test.invalid/w2', treeSize: 300, cosignedAt: at },
    { name: 'test.invalid/w3', treeSize: 3, cosignedAt: at },
  ])
  await running[1].close()
  t.notOk((await ask(witnesses, 300)).quorum, 'two away')
  await running[0].close()
})

t.test('one that answers without its cosignature, or with one that does not hold, holds up nobody', async t => {
  const { running, policy, lags, ask, make } = await world(testFolder(t))
  const [first, second] = witnessesOf(policy) as [Witness, Witness]
  // The second witness's address, with keys that are not the ones it signs with.
  const other = { url: second.url, keys: cosignerKeys(cosigner('w2')) }
  const { cosigned } = await ask(make([first, other]), 3)
  t.equal(cosigned.length, 2, 'both keys of the other')
  t.same(lags, [second.url])
  for (const witness of running) await witness.close()
})

t.test('a smaller tree than they have cosigned is never cosigned', async t => {
  const { running, lags, ask, make } = await world(testFolder(t))
  await ask(make(), 7)
  t.notOk((await ask(make(), 3)).quorum)
  t.equal(lags.length, 2)
  for (const witness of running) await witness.close()
})
