import t from 'tap'
import { openBundle } from '../../../src/client/bundle.ts'
import { makeOpening } from '../../../src/client/patient/opening.ts'
import { shuffled } from '../../../src/client/patient/shuffled.ts'
import { fromBase64url } from '../../../src/crypto/bytes.ts'
import { codeSigningKey } from '../../../src/crypto/codes.ts'
import { AccountKey } from '../../../src/crypto/keys.ts'
import { verifyIdentity } from '../../../src/log/identity.ts'
import { verifyRegistration } from '../../../src/log/registration.ts'
import { peek } from '../../../src/log/verified.ts'
import type { DeploymentId } from '../../../src/protocol/ids.ts'
import { State, StatementTyp } from '../../../src/protocol/statements.ts'
import { AT, newId } from '../../fixtures/document.ts'
import { makeIssuer } from '../../fixtures/identities.ts'

t.test('every item stays, and each may come to stand anywhere', async t => {
  const items = ['a', 'b', 'c', 'd']
  const seen = new Set<string>()
  for (let n = 0; n < 1000 && seen.size < 24; n++) {
    const list = shuffled(items)
    t.strictSame([...list].sort(), items)
    seen.add(list.join(''))
  }
  t.equal(seen.size, 24, 'every order')
  t.strictSame(shuffled([]), [])
})

t.test('no place in the state tells which compartment is the masked one', async t => {
  const deployment = newId<DeploymentId>()
  const issuer = makeIssuer(deployment, AT)
  const places = new Set<number>()
  for (let n = 0; n < 24 && places.size < 2; n++) {
    const { letter } = await issuer.identity(null)
    const registration = await verifyRegistration(letter.import.registration, {
      insurerKey: issuer.insurerKey,
      ...{ deployment, purpose: 'opening' as const },
    })
    const holder = { key: codeSigningKey(letter.code, issuer.ins), registration, salt: letter.import.salt }
    const { opening } = await makeOpening({ deployment, ins: issuer.ins, holder, now: AT })
    const identity = await verifyIdentity(opening.request.identity, { registration })
    const state = peek(opening.request.state, { typ: StatementTyp.state, schema: State })
    const accountKey = AccountKey.parse(fromBase64url(opening.accountKey))
    const sealed = fromBase64url(opening.request.bundle)
    const { bundle } = openBundle({ accountKey, sealed, recordId: state.recordId, state, identity })
    places.add(bundle.compartments.findIndex(({ kind }) => kind === 'masked'))
  }
  t.ok(places.size > 1)
})
