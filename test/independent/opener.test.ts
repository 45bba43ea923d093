// Written, like opener.ts, by somebody who had docs/protocol and the vectors and had not read src/: that a second
// implementation can be made from the pages. Every good case of every file must come out exactly as the vectors say, every
// bad one be refused with its code.

import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { wordlist } from '@scure/bip39/wordlists/french.js'
import t from 'tap'
import * as o from './opener.ts'

const VECTORS = new URL('../vectors/coffre/', import.meta.url)
const load = (f: string): any => JSON.parse(readFileSync(new URL(`${f}.json`, VECTORS), 'utf8'))
const hex = (t: string): Buffer => Buffer.from(t, 'hex')
const pattern = (from: number, n: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: n }, (_, i) => (from + i) % 251))
const anchorsOf = (s: any): o.Anchors => ({
  deployment: s.deployment,
  insurerKey: s.insurerKey ?? '',
  cardAuthorities: s.authorities ?? [],
})
/** The identity that a file gives as verified before: by its registration where another file has it. */
const reg = load('identity').cases[0].given
const identityOf = (s: any): o.Identity => {
  const id = load('identity')
  return o.checkIdentity(
    id.shared.deployment,
    s.identity,
    o.checkRegistration(anchorsOf(id.shared), reg.registration, 'opening', reg.ins, reg.salt),
  )
}

/** The identity that may follow, from the insurer's key on; its record is that of the one before. */
const nextOf = (s: any, n: any): o.Identity => ({
  ...o.checkIdentity(
    s.deployment,
    n.identity,
    o.checkRegistration(anchorsOf(s), n.registration, 'opening', s.ins, n.salt),
  ),
  recordId: s.recordId,
})

/** For each format: what an opener comes to, given `given` and `shared`. */
const openers: Record<string, (g: any, s: any) => unknown> = {
  statement: g => {
    const s = o.readStatement(g.statement, g.typ, g.keys.length)
    for (const [i, k] of (g.keys as string[]).entries()) {
      const key = k.length === 64 ? o.edKey(hex(k)) : new X509Certificate(Buffer.from(k, 'base64')).publicKey
      o.checkSignature(s, i, key, [g.algorithms[i]].flat())
    }
    return { hash: s.hash, payload: s.payload, kids: s.heads.map(h => h.kid ?? null) }
  },
  seal: g => ({ plaintext: o.openSeal(hex(g.secret), hex(g.info), hex(g.seal)).toString('hex') }),
  'seal-key': g => {
    o.checkSealKey(hex(g.publicKey))
    return { publicKey: g.publicKey }
  },
  box: g => ({ plaintext: o.openBox(hex(g.key), hex(g.info), hex(g.box)).toString('hex') }),
  padding: g =>
    g.json !== undefined
      ? { padded: o.padJson(Buffer.from(g.json), g.minimum).toString('hex') }
      : { content: o.unpad(hex(g.padded), g.size).toString('hex'), paddedLength: o.padme(g.size) },
  chunks: g => {
    const m = hex(g.message),
      p = o.openChunks(hex(g.key), hex(g.context), m, g.from, g.to),
      commitment = m.toString('hex', 24, 56)
    return p.length > 1000
      ? { length: p.length, sha256: o.sha256(p).toString('hex'), commitment }
      : { plaintext: p.toString('hex'), commitment }
  },
  blocks: g => {
    if (g.proof) {
      const at = g.index * o.BLOCK,
        block = pattern(at, g.blockLength ?? Math.min(o.BLOCK, g.length - at))
      if (g.altered) block[0]! ^= 1
      o.checkBlock(block, g.index, g.length, hex(g.root), g.proof.map(hex))
      return { holds: true }
    }
    const leaves = Array.from({ length: Math.ceil(g.length / o.BLOCK) }, (_, i) =>
      o.leafHash(pattern(i * o.BLOCK, Math.min(o.BLOCK, g.length - i * o.BLOCK))),
    )
    return { root: o.treeRoot(leaves).toString('hex'), leaves: leaves.map(l => l.toString('hex')) }
  },
  'request-signature': g => o.checkRequest({ ...g, publicKey: hex(g.publicKey) }),
  ins: g => {
    if (g.nir !== undefined) return o.deriveIns(hex(g.key), g.nir, g.counter)
    const ins = o.readIns(g.typed)
    return { ins, printed: ins.match(/.{1,5}/g)!.join(' ') }
  },
  'mailed-code': g => {
    const c = o.readCode(g.typed, g.ins)
    return { code: c.code, seed: c.seed.toString('hex'), publicKey: o.edPublic(c.seed).toString('hex') }
  },
  kit: g => {
    const k = o.readKit(g.typed)
    return { ...k, secret: k.secret.toString('hex') }
  },
  registration: (g, s) => o.checkRegistration(anchorsOf(s), g.registration, g.purpose, g.ins, g.salt, g.usedAt),
  identity: (g, s) => {
    const w = o.checkIdentity(
      s.deployment,
      g.identity,
      o.checkRegistration(anchorsOf(s), g.registration, 'opening', g.ins, g.salt),
    )
    return { hash: w.hash, recordId: w.recordId, fingerprint: o.fingerprint(w.signKey, w.sealKey) }
  },
  activation: (g, s) => {
    const who = o.checkIdentity(
      s.deployment,
      s.identity,
      o.checkRegistration(anchorsOf(s), s.opening, 'opening', s.ins, s.openingSalt),
    )
    const a = o.checkActivation(
      who,
      g.activation,
      o.checkRegistration(anchorsOf(s), g.registration, 'activation', s.ins, g.salt),
    )
    return {
      hash: a.hash,
      contact: o.contactHash(o.raw(g.contactSalt), g.contact.kind, g.contact.address),
      opaque: o.hash(o.raw(g.opaqueRecord)),
      ...(a.contact && {}),
    }
  },
  'key-statement': (g, s) => {
    const k = o.checkKey(anchorsOf(s), { statement: g.statement, crls: g.crls }, g.at)
    return { hash: k.hash, nationalId: k.nationalId, kind: k.kind, name: k.name }
  },
  'key-withdrawal': (g, s) => {
    const key = o.checkKey(anchorsOf(s), g.key, g.key.at)
    const { hash, keyStatement, t } = o.checkWithdrawal(anchorsOf(s), key, g.withdrawal, g.crls, g.at)
    return { hash, keyStatement, t }
  },
  consultation: g => o.compare(g, g.scanned, wordlist),
  pairing: g => o.letIn(g.text, g.sealKey, g.sealed, hex(g.secret)),
  sets: g => {
    if (g.proof) {
      o.checkProof(g.roots, g.proof, g.content)
      return { holds: true }
    }
    const roots = o.setRoots(g.sets)
    if (g.roots) o.need(isDeepStrictEqual(roots, g.roots), 'state-roots')
    if (g.roots) return roots
    const first = g.sets.grants[0],
      salt = o.leafSalt(g.sets.seed, 'grants', 0),
      data = first ? o.leafData(salt, o.raw(first)) : o.paddingLeaf(salt)
    return {
      ...roots,
      leaf0: { salt: salt.toString('hex'), data: data.toString('hex'), hash: o.leafHash(data).toString('hex') },
    }
  },
  state: (g, s) => {
    const known = { identities: [identityOf(s), nextOf(s, s.next)], handover: g.handover, ...s }
    return { hash: o.checkStep(known, g.action, g.before && s.states[g.before], g.next).hash }
  },
  delegation: (g, s) => o.openDelegation(identityOf(s), g.delegation, g.seals, hex(s.cardSealSecret)),
  recovery: (g, s) => {
    const [who, next] = [identityOf(s), nextOf(s, g.next)]
    if (g.handover) {
      const { hash, from, to } = o.checkHandover(who, g.handover, next)
      return { hash, from, to }
    }
    const r = o.checkRecovery(anchorsOf(s), who, next, g.recovery, { statement: g.keyStatement, crls: g.crls })
    const [grant, state] = [o.checkGrant(who, g.grant), o.checkState(who, g.state)]
    return o.openRecovery(r, grant, state, g.seals, hex(s.nextSealSecret), g.course)
  },
  epoch: (g, s) => ({
    secrets: [...o.walkLinks(s.recordId, g.compartment, hex(g.secret), g.links)]
      .sort((a, b) => a[0] - b[0])
      .map(x => x[1].toString('hex')),
  }),
  'grant-seal': (g, s) => {
    const p = g.place,
      x = o.openGrantSeal(
        hex(s.sealSecret),
        p.recordId,
        p.compartmentId,
        p.epoch,
        p.keyStatement,
        p.grantId,
        o.raw(g.seal),
      )
    return { name: x.name, secret: x.secret?.toString('hex') ?? null }
  },
  grant: (g, s) => {
    const x = o.openGrant(identityOf(s), g.statement, g.seals, g.compartments, hex(s.sealSecret))
    return {
      hash: x.hash,
      compartments: x.compartments.map(c => ({ ...c, secret: c.secret?.toString('hex') ?? null })),
    }
  },
  bundle: (g, s) => ({ bundle: o.openBundle(s, g.state, hex(g.accountKey), o.raw(g.bundle)) }),
  slot: (g, s) => {
    const secret = g.kitSecret ? hex(g.kitSecret) : Buffer.concat([hex(g.exportKey), hex(g.deviceSecret)])
    return { accountKey: o.openSlot(s.recordId, g.slot, g.devices, secret).toString('hex'), leaf: o.slotLeaf(g.slot) }
  },
  manifest: (g, s) => {
    const key = hex(g.documentKey),
      manifest = o.openManifest(s.recordId, s.documentId, key, hex(g.manifest))
    const [m, b] = (['manifest', 'body'] as const).map(p => o.documentKeys(p, s.recordId, s.documentId, key))
    return {
      manifest,
      manifestKey: m!.key.toString('hex'),
      manifestContext: m!.context.toString('hex'),
      bodyKey: b!.key.toString('hex'),
      bodyContext: b!.context.toString('hex'),
    }
  },
  envelope: g => ({
    documentKey: o
      .openEnvelope({ ...g.place, commitment: hex(g.place.commitment) }, hex(g.secret), hex(g.envelope))
      .toString('hex'),
  }),
  deposit: (g, s) => {
    const d = o.checkDeposit(s.deployment, s.recordId, g.deposit, { hash: s.keyStatement, signKey: s.key })
    return { documentId: d.documentId, bodyLength: d.bodyLength }
  },
  placement: (g, s) => {
    const p = o.checkPlacement(identityOf(s), g.placement)
    return { hash: p.hash, documentId: p.documentId, to: p.to, epoch: p.epoch, envelope: p.envelope }
  },
  entry: g => ({ hashes: o.checkEntries(g.entries) }),
  receipt: (g, s) => o.checkReceipt(s.deployment, s.hostKey, g.receipt),
  list: g => ({ ids: o.listHash(g.documents), count: g.documents.length }),
  erasure: (g, s) => {
    const { from, to, basis } = o.checkErasure(s.deployment, s.erasure, g.order)
    return { from, to, basis, entryHash: o.erasedEntryHash(g.link, g.event) }
  },
}

interface Case {
  name: string
  run: () => unknown
  opens?: unknown
  refused?: string
}
const put = (record: any, path: (string | number)[], value: unknown): any => {
  const r = structuredClone(record)
  path.slice(0, -1).reduce((x, k) => x[k], r)[path.at(-1)!] = value
  return r
}
function cases(file: string): Case[] {
  const v = load(file)
  if (file === 'record') {
    const read = (reader: string, r: o.Record_) => (reader === 'patient' ? o.openAsPatient(r) : o.openAsDoctor(r))
    return [
      ...['patient', 'doctor'].map(who => ({ name: who, run: () => read(who, v.record), opens: v.opens[who] })),
      { name: 'patient, by QR', run: () => o.openAsPatient(v.record, v.record.kit.qr), opens: v.opens.patient },
      ...v.attacks.map((a: any) => ({
        name: a.name,
        run: () => read(a.reader, put(v.record, a.path, a.value)),
        refused: a.refused,
      })),
    ]
  }
  if (file === 'card') {
    // an input of others: its chain holds, and its second lists revoke it from 09:00 on
    const chain = (crls: string[], at: string) => () => o.checkChain(v.chain, [v.authority], crls, at)
    return [
      { name: 'the chain', run: chain(v.crls, '2026-11-24T09:30:00.000Z'), opens: undefined },
      {
        name: 'named before the date',
        run: chain(v.crlsRevoked, '2026-11-24T08:59:59.000Z'),
        refused: 'certificate-revoked',
      },
      { name: 'revoked', run: chain(v.crlsRevoked, '2026-11-24T09:00:00.000Z'), refused: 'certificate-revoked' },
    ]
  }
  if (file === 'cards') {
    const { chain, crls } = v.cards.doctor
    const run = () => o.checkChain(chain, v.authorities, crls, '2026-11-24T08:20:00.000Z')
    return [{ name: 'the chain of the good one', run, opens: undefined }]
  }
  return v.cases.map((c: any) => ({
    name: c.name,
    run: () => openers[file]!(c.given, v.shared ?? {}),
    opens: c.opens,
    refused: c.refused,
  }))
}

/** Causes that body.md leaves to who looks for them: a reader needs the refusal alone. */
const CAUSES = new Set(['chunks-reordered', 'chunks-repeated', 'chunks-extended'])

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null))

for (const file of readdirSync(VECTORS)
  .filter(name => name.endsWith('.json'))
  .map(name => name.slice(0, -5))) {
  t.test(file, async t => {
    for (const { name, run, opens, refused } of cases(file)) {
      let got: unknown
      let code: string | null = null
      try {
        got = run()
      } catch (error) {
        if (!(error instanceof o.Refused)) throw error
        code = error.code
      }
      if (CAUSES.has(refused ?? '')) t.match(code, /^chunks-/, name)
      else if (refused !== undefined) t.equal(code, refused, name)
      else
        t.ok(code === null && isDeepStrictEqual(plain(got), plain(opens)), `${name}${code === null ? '' : `: ${code}`}`)
    }
  })
}
