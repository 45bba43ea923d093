/** Vectors of orders to have events erased, and of what stands in an erased event's place. */
import { SigningKey } from '../../src/crypto/sign.ts'
import { ed25519Signer, signStatement } from '../../src/crypto/statement.ts'
import { entryHash, erasedLine } from '../../src/log/entry.ts'
import { signErasure, verifyErasure } from '../../src/log/erasure.ts'
import type { Anchors } from '../../src/protocol/anchors.ts'
import type { DeploymentId, Instant } from '../../src/protocol/ids.ts'
import { type Erasure, StatementTyp } from '../../src/protocol/statements.ts'
import { anyOf, draw, type Format, hex, type Members, refused, text64, textOf, type VectorCase } from './vector-file.ts'
import { deployment } from './world.ts'

const authority = () => SigningKey.fromSeed(draw('erasing authority', 32))
const LINK = `{"v":1,"record":"${text64(draw('erased record', 16))}","n":0,"prev":null,"salt":"${text64(draw('erased salt', 16))}"}`
const EVENT = '{"an":"event"}'

const order = (changes: Partial<Erasure> = {}): Erasure => ({
  deployment,
  from: 0,
  to: 1_048_576,
  basis: 'article L. 1111-8',
  t: '2046-11-24T08:00:00.000Z' as Instant,
  ...changes,
})

export const erasure: Format = {
  file: 'erasure',
  page: 'erasure.md',
  about:
    'Orders to have events erased, verified from the anchors; and the hash of an entry, which is the same before and after its event was erased. writer: the authority’s seed.',
  async shared(): Promise<Members> {
    const key = text64(authority().verifyKey.bytes)
    return { deployment, erasure: { authority: 'An authority', key, afterDays: 7305 } }
  },
  async cases() {
    const text = await signErasure(order(), authority())
    const erased = { link: LINK, event: erasedLine(EVENT) }
    const good: VectorCase = {
      name: 'an order, and an erased event',
      writer: { seed: hex(authority().seed), event: EVENT },
      given: { order: text, ...erased },
      opens: { from: 0, to: 1_048_576, basis: 'article L. 1111-8', entryHash: entryHash({ link: LINK, event: EVENT }) },
    }
    const bad = async (name: string, code: string, changes: Partial<Erasure>) =>
      refused(name, code, good, { order: await signErasure(order(changes), authority()) })
    const signed = (typ: StatementTyp, kid: string, key = authority()) =>
      signStatement(typ, order(), ed25519Signer(key, kid))
    const stranger = SigningKey.fromSeed(draw('another authority', 32))
    return [
      good,
      await bad('for no entry', 'erasure-range', { to: 0 }),
      await bad('another deployment', 'erasure-deployment', {
        deployment: text64(draw('another deployment', 16)) as DeploymentId,
      }),
      await bad('without a basis', 'statement-form', { basis: '' }),
      refused('another signer', 'statement-signature', good, {
        order: await signed(StatementTyp.erasure, 'erasure', stranger),
      }),
      refused('another kid', 'erasure-key-id', good, { order: await signed(StatementTyp.erasure, 'authority') }),
      refused('another typ', 'statement-type', good, { order: await signed(StatementTyp.receipt, 'erasure') }),
    ]
  },
  async open(given, shared) {
    const anchors = {
      deployment: anyOf<DeploymentId>(shared, 'deployment'),
      erasure: anyOf<Anchors['erasure']>(shared, 'erasure'),
    }
    const { payload } = await verifyErasure(textOf(given, 'order'), anchors)
    const { from, to, basis } = payload
    return { from, to, basis, entryHash: entryHash({ link: textOf(given, 'link'), event: textOf(given, 'event') }) }
  },
}
