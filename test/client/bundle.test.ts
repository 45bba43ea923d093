import t from 'tap'
import { openBundle, sealBundle } from '../../src/client/bundle.ts'
import { hashText } from '../../src/client/grant-seal.ts'
import { fromBase64url } from '../../src/crypto/bytes.ts'
import { AccountKey } from '../../src/crypto/keys.ts'
import { padme } from '../../src/crypto/padding.ts'
import { makeRecord } from '../fixtures/record.ts'

t.test('a bundle', async t => {
  const { view, accountKey, answer } = await makeRecord()
  const sealed = fromBase64url(answer.bundle)
  const place = { accountKey, ...view.patient, state: view.state.payload }
  t.same(openBundle({ ...place, sealed }).bundle, view.bundle, 'opens to what was sealed')

  const length = sealed.length - 48
  t.ok(length >= 4096 && padme(length) === length, 'is padded: its length tells little')
  t.not(Buffer.from(sealed).toString('latin1').includes('identity'), 'and shows nothing')

  await t.test('another bundle than the one the state names is refused unopened', async t => {
    t.throws(() => openBundle({ ...place, sealed: sealBundle(accountKey, view.bundle) }), { code: 'bundle-hash' })
  })
  await t.test('another account key opens nothing', async t => {
    t.throws(() => openBundle({ ...place, sealed, accountKey: AccountKey.generate() }), { code: 'box-open' })
  })
  await t.test('a bundle whose keys are not those of identity and state is refused', async t => {
    const other = await makeRecord()
    const attempts = {
      'another identity': { ...view.bundle, identity: other.view.bundle.identity },
      'another record': { ...view.bundle, recordId: other.view.bundle.recordId },
      'a compartment less': { ...view.bundle, compartments: view.bundle.compartments.slice(1) },
      'compartments swapped': { ...view.bundle, compartments: view.bundle.compartments.toReversed() },
      'a state seen that is not there yet': { ...view.bundle, seen: { ...view.bundle.seen, seq: 9 } },
    }
    for (const [name, bundle] of Object.entries(attempts)) {
      const bad = sealBundle(accountKey, bundle)
      const state = { ...view.state.payload, bundle: { version: 1, hash: hashText(bad) } }
      t.throws(() => openBundle({ ...place, sealed: bad, state }), { name: /Error/ }, name)
    }
    const [first, ...rest] = view.bundle.compartments
    const secret = view.bundle.compartments[1]?.secret as string
    const wrong = { ...view.bundle, compartments: [{ ...first, secret } as typeof first & object, ...rest] }
    const bad = sealBundle(accountKey, wrong)
    const state = { ...view.state.payload, bundle: { version: 1, hash: hashText(bad) } }
    t.throws(() => openBundle({ ...place, sealed: bad, state }), { code: 'epoch-key' }, 'another epoch secret')
  })
})

t.test('an accented name of a compartment does not show in its length', async t => {
  const { view, accountKey } = await makeRecord()
  const lengthFor = (kind: string): number => {
    const compartments = view.bundle.compartments.map(each => ({ ...each, kind }))
    return sealBundle(accountKey, { ...view.bundle, compartments }).length
  }
  t.equal(lengthFor('psychiatrie'), lengthFor('éééééééééééé'))
})
