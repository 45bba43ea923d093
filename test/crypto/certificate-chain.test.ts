import t from 'tap'
import { parseCertificate } from '../../src/crypto/certificate.ts'
import { type ChainPolicy, verifyChain } from '../../src/crypto/certificate-chain.ts'
import { day, type Issued, issue, KeyUsageFlags, list, NOW, SERVER_AUTH, type Wish } from './authority.ts'
import { codeOf, flipped } from './vectors.ts'

const root = await issue({ authority: null, name: [{ CN: ['root'] }] })
const middle = await issue({ authority: 0, by: root, name: [{ CN: ['middle'] }] })
const leaf = await issue({ by: middle })
const lists = [await list(root), await list(middle)]
const policy: ChainPolicy = { at: NOW, usage: 'client-auth', crls: lists, revocation: 'required' }

const verify = (chain: readonly Issued[], changes: Partial<ChainPolicy> = {}, anchors = [root]) =>
  verifyChain(
    chain.map(({ certificate }) => certificate),
    anchors.map(({ certificate }) => certificate),
    { ...policy, ...changes },
  )
const codeFor = (...parameters: Parameters<typeof verify>) => codeOf(() => verify(...parameters))

t.test('a chain that holds, with and without its anchor', async t => {
  for (const chain of [
    [leaf, middle],
    [leaf, middle, root],
  ]) {
    const { anchor, crls } = await verify(chain)
    t.equal(anchor, root.certificate)
    t.same(new Set(crls), new Set(lists))
  }
  t.equal(await codeFor([leaf], { crls: [lists[1] as (typeof lists)[0]] }, [middle]), null, 'an intermediate as anchor')
  const rsaRoot = await issue({ authority: null, kind: 'rsa-2048' })
  const card = await issue({ by: rsaRoot, kind: 'rsa-2048' })
  t.equal(await codeFor([card], { crls: [await list(rsaRoot)] }, [rsaRoot]), null, 'RSA')
})

t.test('dates, of every certificate', async t => {
  t.equal(await codeFor([leaf, middle], { at: day(11), crls: [] }), 'certificate-expired')
  t.equal(await codeFor([leaf, middle], { at: day(-11), crls: [] }), 'certificate-not-yet-valid')
  const old = await issue({ authority: 0, by: root, to: day(-1) })
  const under = await issue({ by: old })
  t.equal(await codeFor([under, old], { crls: [...lists, await list(old)] }), 'certificate-expired', 'the issuer’s')
  const oldRoot = await issue({ authority: null, to: day(-1) })
  const orphan = await issue({ by: oldRoot })
  t.equal(await codeFor([orphan], { crls: [await list(oldRoot)] }, [oldRoot]), 'certificate-expired', 'the anchor’s')
})

t.test('who issued it', async t => {
  const other = await issue({ authority: null, name: root.name })
  t.equal(await codeFor([leaf, middle], {}, [other]), 'certificate-untrusted', 'the anchor’s name on another key')
  t.equal(await codeFor([leaf, middle], {}, []), 'certificate-untrusted')
  t.equal(await codeFor([leaf]), 'certificate-untrusted', 'the intermediate left out')
  t.equal(await codeFor([leaf, middle, other]), 'certificate-untrusted', 'something after the end')
  t.equal(await codeFor([leaf, middle, root, root]), 'certificate-untrusted')
  t.equal(await codeFor([]), 'certificate-untrusted')
  t.equal(await codeFor([leaf, leaf, leaf, leaf, leaf, leaf]), 'certificate-untrusted')
  const selfMade = await issue()
  t.equal(await codeFor([selfMade]), 'certificate-untrusted')
  const byLeaf = await issue({ by: leaf })
  t.equal(await codeFor([byLeaf, leaf, middle]), 'certificate-untrusted', 'a leaf is no authority')
  const notCertSign = await issue({ authority: null, by: root, usage: KeyUsageFlags.cRLSign })
  const under = await issue({ by: notCertSign })
  t.equal(await codeFor([under, notCertSign], { crls: [...lists, await list(notCertSign)] }), 'certificate-untrusted')
  const second = await issue({ authority: 0, by: middle })
  const deep = await issue({ by: second })
  const crls = [...lists, await list(second)]
  t.equal(await codeFor([deep, second, middle], { crls }), 'certificate-untrusted', 'path length')
  const { der } = leaf.certificate
  const forged = parseCertificate(flipped(der, der.length - 1))
  t.equal(await codeFor([{ ...leaf, certificate: forged }, middle]), 'certificate-untrusted', 'a changed signature')
})

t.test('weak keys and hashes', async t => {
  for (const kind of ['rsa-1024', 'rsa-sha-1', 'p-521'] as const) {
    const weak = await issue({ authority: null, kind })
    const under = await issue({ by: weak })
    t.equal(await codeFor([under], { crls: [await list(weak)] }, [weak]), 'certificate-untrusted', kind)
  }
})

t.test('what it may be used for', async t => {
  const wishes: Record<string, Wish> = {
    'server only': { extended: [SERVER_AUTH] },
    'no extended usage': { extended: [] },
    'no digital signature': { usage: KeyUsageFlags.nonRepudiation },
    'no key usage at all': { usage: null },
    'an authority': { authority: 0, extended: ['1.3.6.1.5.5.7.3.2'] },
  }
  for (const [name, wish] of Object.entries(wishes)) {
    t.equal(await codeFor([await issue({ ...wish, by: middle }), middle]), 'certificate-usage', name)
  }
  t.equal(await codeFor([leaf, middle], { usage: 'server-auth' }), 'certificate-usage')
  const unknown = await issue({ by: middle, critical: '1.2.3.4' })
  t.equal(await codeFor([unknown, middle]), 'certificate-untrusted', 'a critical extension nobody knows here')
})

t.test('revocation', async t => {
  const [rootList, middleList] = lists as [(typeof lists)[0], (typeof lists)[0]]
  const revoked = async (wish = {}) => [rootList, await list(middle, { revoked: [[leaf, day(-5)]], ...wish })]
  t.equal(await codeFor([leaf, middle], { crls: await revoked() }), 'certificate-revoked')
  t.equal(
    await codeFor([leaf, middle], { crls: [...(await revoked()), middleList] }),
    'certificate-revoked',
    'by one of two',
  )
  const past = await revoked({ from: day(-4), to: day(-3) })
  t.equal(await codeFor([leaf, middle], { crls: [...past, middleList] }), 'certificate-revoked', 'by a list of before')
  t.equal(await codeFor([leaf, middle], { crls: [rootList] }), 'crl-missing')
  t.equal(await codeFor([leaf, middle], { crls: [middleList] }), 'crl-missing', 'of the intermediate')
  const stale = await list(middle, { from: day(-5), to: day(-1) })
  t.equal(await codeFor([leaf, middle], { crls: [rootList, stale] }), 'crl-stale')
  const future = await list(middle, { from: day(1), to: day(2) })
  t.equal(await codeFor([leaf, middle], { crls: [rootList, future] }), 'crl-stale')
  const later = await list(middle, { from: day(1), to: day(2), revoked: [[leaf, day(0.5)]] })
  t.equal(
    await codeFor([leaf, middle], { crls: [rootList, middleList, later] }),
    null,
    'revoked only after that moment',
  )
  const impostor = await issue({ authority: 0, name: middle.name })
  t.equal(await codeFor([leaf, middle], { crls: [rootList, await list(impostor)] }), 'crl-missing', 'signed by another')
  const renamed = await list(root, { name: middle.name })
  t.equal(await codeFor([leaf, middle], { crls: [rootList, renamed] }), 'crl-missing', 'signed by another authority')
  const bare = await issue({ authority: null, usage: KeyUsageFlags.keyCertSign })
  const under = await issue({ by: bare })
  t.equal(await codeFor([under], { crls: [await list(bare)] }, [bare]), 'crl-missing', 'issuer may not sign lists')
})
