// Opens a Coffre record, and checks its pieces. Written from docs/protocol/*.md and the vectors alone, by somebody who had
// not read src/, to prove that it can be; it uses node:crypto and nothing of ours. Where a page was made more exact
// because of it, it follows the page. The page of each step is named. Its keepers have since followed the pages where it
// had read them otherwise (the order of a card's checks, entries' lines), and added acts of cards, second identities and erasures.
// First what opening a record takes (openAsPatient, openAsDoctor), then the pieces that only other vectors need.
import crypto, { type KeyObject, X509Certificate } from 'node:crypto'

// ---- ground: README.md "Conventions"
export class Refused extends Error {
  code: string
  constructor(code: string) { super(code); this.code = code }
}
export function need(ok: unknown, code: string): asserts ok { if (!ok) throw new Refused(code) }
/** Whatever is refused inside is refused under this one name (document.md's reasons, "opening fails in one way only"). */
export function as<T>(code: string, f: () => T): T {
  try { return f() } catch (e) { if (e instanceof Refused) throw new Refused(code); throw e }
}
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
export const sha256 = (b: Buffer | string): Buffer => crypto.createHash('sha256').update(b).digest()
export const hash = (b: Buffer | string): string => sha256(b).toString('base64url')
const hmac = (key: Buffer, data: Buffer, alg = 'sha256'): Buffer => crypto.createHmac(alg, key).update(data).digest()
export const hkdf = (ikm: Buffer, info: Buffer, salt: Buffer = Buffer.alloc(0)): Buffer =>
  Buffer.from(crypto.hkdfSync('sha256', ikm, salt, info, 32))
const u32 = (n: number): Buffer => { const b = Buffer.alloc(4); b.writeUInt32BE(n); return b }
const u64 = (n: number): Buffer => { const b = Buffer.alloc(8); b.writeBigUInt64BE(BigInt(n)); return b }
export const lp = (...parts: (Buffer | string | number)[]): Buffer => Buffer.concat(parts.flatMap(p => {
  const b = typeof p === 'string' ? Buffer.from(p) : typeof p === 'number' ? u64(p) : p
  return [u32(b.length), b]
}))
const canonical = (t: unknown): Buffer | null => {
  if (typeof t !== 'string') return null
  const b = Buffer.from(t, 'base64url')
  return b.toString('base64url') === t ? b : null
}
export const raw = (t: string): Buffer => canonical(t) ?? Buffer.alloc(0) // a bad text then has no right length, hash or tag

// ---- forms: tables of the pages, as checks that give their types
type Check<T> = (x: unknown) => x is T
type Of<C> = C extends Check<infer T> ? T : never
const is = <T>(f: (x: any) => boolean): Check<T> => ((x: unknown) => f(x)) as Check<T>
const bytes = (n: number) => is<string>(x => canonical(x)?.length === n)
const text = (re: RegExp) => is<string>(x => typeof x === 'string' && re.test(x))
const chars = (min: number, max: number) => is<string>(x => typeof x === 'string' && x.length >= min && x.length <= max)
const num = (min = 0, max = Number.MAX_SAFE_INTEGER) => is<number>(x => Number.isSafeInteger(x) && x >= min && x <= max)
const one = <const T extends string | number | boolean | null>(...v: T[]) => is<T>(x => v.includes(x))
const nil = <T>(c: Check<T>) => is<T | null>(x => x === null || c(x))
const list = <T>(c: Check<T>, min = 0, max = Infinity) =>
  is<T[]>(x => Array.isArray(x) && x.length >= min && x.length <= max && x.every(c))
const obj = <R extends Record<string, Check<any>>, O extends Record<string, Check<any>> = {}>(req: R, opt?: O) =>
  is<{ [K in keyof R]: Of<R[K]> } & { [K in keyof O]?: Of<O[K]> }>(x =>
    typeof x === 'object' && x !== null && !Array.isArray(x) && Object.keys(req).every(k => Object.hasOwn(x, k)) &&
    Object.entries(x).every(([k, v]) => (Object.hasOwn(req, k) ? req[k] : opt && Object.hasOwn(opt, k) ? opt[k] : null)?.(v)))
const id = bytes(16), h32 = bytes(32), xkey = bytes(1216)
const time = is<string>(x => typeof x === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(x) && !isNaN(Date.parse(x)) && new Date(x).toISOString() === x)
const kindOf = one('professional', 'establishment')
function form<T>(x: unknown, check: Check<T>, code = 'statement-form'): T { need(check(x), code); return x }
const json = (b: Buffer, code: string): unknown => { try { return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(b)) } catch { throw new Refused(code) } }

// ---- ed25519.md: rules 2 and 3 here, rules 1 and 4 by OpenSSL
const P = 2n ** 255n - 19n, le = (hex: string): bigint => BigInt('0x' + Buffer.from(hex, 'hex').reverse().toString('hex'))
const Y8 = le('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')
const goodPoint = (b: Buffer): boolean => {
  const y = b.length === 32 ? le(b.toString('hex')) & (2n ** 255n - 1n) : P
  return y < P && ![0n, 1n, P - 1n, Y8, P - Y8].includes(y)
}
const okp = (spki: string, key: Buffer): KeyObject => crypto.createPublicKey({ key: Buffer.concat([Buffer.from(spki, 'hex'), key]), format: 'der', type: 'spki' })
const pkcs8 = (prefix: string, seed: Buffer): KeyObject => crypto.createPrivateKey({ key: Buffer.concat([Buffer.from(prefix, 'hex'), seed]), format: 'der', type: 'pkcs8' })
export function edKey(key: Buffer): KeyObject { need(goodPoint(key), 'key-malformed'); return okp('302a300506032b6570032100', key) }
export const edPublic = (seed: Buffer): Buffer =>
  crypto.createPublicKey(pkcs8('302e020100300506032b657004220420', seed)).export({ format: 'der', type: 'spki' }).subarray(-32)
const edVerify = (key: KeyObject, message: Buffer, sig: Buffer): boolean =>
  sig.length === 64 && goodPoint(sig.subarray(0, 32)) && crypto.verify(null, message, key, sig)

// ---- statement.md
const ALGS = ['Ed25519', 'RS256', 'PS256', 'ES256'], CARD = ['RS256', 'PS256', 'ES256'], ED = ['Ed25519']
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n // P-256's
const head = obj({ alg: one(...ALGS), typ: text(/^[a-z0-9-]{1,64}\+jws$/) }, { kid: text(/^[A-Za-z0-9_.:-]{1,128}$/), x5c: list(text(/^[A-Za-z0-9+/]+={0,2}$/), 1, 5) })
export interface Statement { heads: Of<typeof head>[]; payload: unknown; sigs: Buffer[]; signed: Buffer[]; hash: string }
export function readStatement(t: string, typ: string, count: number): Statement {
  const m = typeof t === 'string' && t.length <= 262144 ? /^([\w-]+)\.([\w-]+)\.([\w-]*)(?:~([\w-]+)\.\.([\w-]*))?$/.exec(t) : null
  need(m && m.slice(1).every(p => p === undefined || canonical(p)), 'statement-malformed')
  const parts = m[4] === undefined ? [[m[1], m[3]]] : [[m[1], m[3]], [m[4], m[5]]]
  const heads = parts.map(([h]) => {
    const x = form(json(raw(h!), 'statement-header'), head, 'statement-header')
    need(x.x5c === undefined || x.x5c.every(c => Buffer.from(c, 'base64').toString('base64') === c), 'statement-header')
    need(JSON.stringify({ alg: x.alg, typ: x.typ, kid: x.kid, x5c: x.x5c }) === raw(h!).toString(), 'statement-header') // order, no space
    return x
  })
  const payload = json(raw(m[2]!), 'statement-malformed')
  need(JSON.stringify(payload) === raw(m[2]!).toString() && typeof payload === 'object' && payload !== null && !Array.isArray(payload) && 'deployment' in payload, 'statement-malformed')
  need(parts.length === count, 'statement-signatures')
  need(heads.every(h => h.typ === typ), 'statement-type')
  return { heads, payload, sigs: parts.map(p => raw(p[1]!)), signed: parts.map(p => Buffer.from(`${p[0]}.${m[2]}`)), hash: hash(t) }
}
export function checkSignature(s: Statement, i: number, key: KeyObject, algs = ED): void {
  const alg = s.heads[i]!.alg, sig = s.sigs[i]!, d = key.asymmetricKeyDetails
  const fits = { ed25519: ['Ed25519'], rsa: ['RS256', 'PS256'], ec: d?.namedCurve === 'prime256v1' ? ['ES256'] : [] }[key.asymmetricKeyType as string] ?? []
  need(algs.includes(alg) && fits.includes(alg) && (d?.modulusLength ?? 2048) >= 2048, 'statement-algorithm')
  const low = () => sig.length === 64 && BigInt('0x' + sig.toString('hex', 32)) * 2n <= ORDER
  need(alg === 'Ed25519' ? edVerify(key, s.signed[i]!, sig)
    : alg === 'ES256' ? low() && crypto.verify('sha256', s.signed[i]!, { key, dsaEncoding: 'ieee-p1363' }, sig)
      : crypto.verify('sha256', s.signed[i]!, alg === 'RS256' ? key : { key, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, sig), 'statement-signature')
}

// ---- seal.md: X-Wing, then HPKE's key schedule
const XPUB = '302a300506032b656e032100'
const xprivate = (s: Buffer): KeyObject => pkcs8('302e020100300506032b656e04220420', s)
function xwing(seed: Buffer): { ml: KeyObject; x: KeyObject; xPublic: Buffer; publicKey: Buffer } {
  need(seed.length === 32, 'key-length')
  const s = crypto.createHash('shake256', { outputLength: 96 }).update(seed).digest()
  const ml = pkcs8('3054020100300b060960864801650304040204428040', s.subarray(0, 64)), x = xprivate(s.subarray(64))
  const pub = (k: KeyObject, n: number) => crypto.createPublicKey(k).export({ format: 'der', type: 'spki' }).subarray(-n)
  return { ml, x, xPublic: pub(x, 32), publicKey: Buffer.concat([pub(ml, 1184), pub(x, 32)]) }
}
export const sealPublic = (seed: Buffer): Buffer => xwing(seed).publicKey
/** null for a point of small order: OpenSSL refuses the all-zero secret that it gives. */
const dh = (secret: KeyObject, point: Buffer): Buffer | null => { try { return crypto.diffieHellman({ privateKey: secret, publicKey: okp(XPUB, point) }) } catch { return null } }
export function checkSealKey(k: Buffer): void {
  need(k.length === 1216, 'key-length')
  for (let i = 0; i < 1152; i += 3) need((k[i]! | (k[i + 1]! & 15) << 8) < 3329 && (k[i + 1]! >> 4 | k[i + 2]! << 4) < 3329, 'key-malformed')
  need(dh(xprivate(Buffer.alloc(32, 1)), k.subarray(1184)), 'key-malformed')
}
const SUITE = Buffer.from('HPKE\x64\x7a\x00\x01\x00\x03', 'latin1'), V1 = Buffer.from('HPKE-v1'), NONE = Buffer.alloc(0)
const extract = (salt: Buffer, label: string, ikm: Buffer) => hmac(salt, Buffer.concat([V1, SUITE, Buffer.from(label), ikm]))
const expand = (prk: Buffer, label: string, info: Buffer, n: number) =>
  hmac(prk, Buffer.concat([Buffer.from([0, n]), V1, SUITE, Buffer.from(label), info, Buffer.from([1])])).subarray(0, n)
function aead(key: Buffer, nonce: Buffer, ct: Buffer, aad: Buffer, code: string): Buffer {
  need(ct.length >= 16, code)
  const d = crypto.createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 })
  d.setAAD(aad, { plaintextLength: ct.length - 16 }).setAuthTag(ct.subarray(-16))
  try { return Buffer.concat([d.update(ct.subarray(0, -16)), d.final()]) } catch { throw new Refused(code) }
}
export function openSeal(seed: Buffer, info: Buffer, seal: Buffer): Buffer {
  const k = xwing(seed)
  need(seal.length >= 1136, 'seal-open')
  const ctX = seal.subarray(1088, 1120), ssX = dh(k.x, ctX)
  need(ssX, 'seal-open')
  const ssM = crypto.decapsulate(k.ml, seal.subarray(0, 1088))
  const shared = crypto.createHash('sha3-256').update(Buffer.concat([ssM, ssX, ctX, k.xPublic, Buffer.from('5c2e2f2f5e5c', 'hex')])).digest()
  const context = Buffer.concat([Buffer.from([0]), extract(NONE, 'psk_id_hash', NONE), extract(NONE, 'info_hash', info)])
  const secret = extract(shared, 'secret', NONE)
  return aead(expand(secret, 'key', context, 32), expand(secret, 'base_nonce', context, 12), seal.subarray(1120), NONE, 'seal-open')
}
// ---- box.md
export function openBox(key: Buffer, info: Buffer, box: Buffer): Buffer {
  need(key.length === 16 || key.length === 32, 'key-length')
  return aead(hkdf(key, info, box.subarray(0, 32)), Buffer.alloc(12), box.subarray(32), info, 'box-open')
}

// ---- body.md
export function padme(n: number): number {
  if (n < 2) return n
  const e = n.toString(2).length - 1, m = 2 ** (e - e.toString(2).length)
  return Math.ceil(n / m) * m
}
export const padJson = (t: Buffer, min: number): Buffer => Buffer.concat([t, Buffer.alloc(padme(Math.max(t.length, min)) - t.length, ' ')])
/** README.md, Conventions: a sealed JSON text is minimal, then padded with spaces. */
const paddedJson = (b: Buffer, min: number, code: string): unknown => {
  const value = json(b, code)
  need(padJson(Buffer.from(JSON.stringify(value)), min).equals(b), code)
  return value
}
export function unpad(b: Buffer, size: number): Buffer {
  need(size <= b.length && b.length === padme(size) && b.subarray(size).every(x => x === 0), 'padding-wrong')
  return b.subarray(0, size)
}
export const streamLength = (n: number): number => 56 + n + 16 * (Math.floor(n / 16384) + 1)
export function openChunks(key: Buffer, context: Buffer, m: Buffer, from?: number, to?: number): Buffer {
  need(m.length >= 72 && (m.length - 56) % 16400 >= 16, 'chunks-truncated')
  const info = Buffer.concat([Buffer.from('c2sp.org/chunked-encryption@v1+AEAD_CHACHA20_POLY1305\0'), m.subarray(0, 24), context])
  const t1 = hmac(key, Buffer.concat([info, Buffer.from([1])]), 'sha512'), t2 = hmac(key, Buffer.concat([t1, info, Buffer.from([2])]), 'sha512')
  const okm = Buffer.concat([t1, t2]).subarray(0, 76)
  need(okm.subarray(44).equals(m.subarray(24, 56)), 'chunks-commitment')
  const last = Math.floor((m.length - 56) / 16400), size = m.length - 56 - 16 * (last + 1)
  const [a, b] = [from ?? 0, to ?? size]
  need(0 <= a && a <= b && b <= size, 'range-outside')
  const out: Buffer[] = [], first = from === undefined ? 0 : Math.floor(a / 16384), end = to === undefined ? last : Math.floor(Math.max(a, b - 1) / 16384)
  for (let i = first; i <= end; i++) {
    const nonce = Buffer.from(okm.subarray(32, 44)), n = u64(i)
    n.forEach((x, j) => { nonce[4 + j]! ^= x })
    out.push(aead(okm.subarray(0, 32), nonce, m.subarray(56 + 16400 * i, 56 + 16400 * (i + 1)), NONE, i === last ? 'chunks-end' : 'chunks-forged'))
  }
  return Buffer.concat(out).subarray(a - first * 16384, b - first * 16384)
}
export const leafHash = (b: Buffer): Buffer => crypto.createHash('sha256').update('\0').update(b).digest()
const node = (a: Buffer, b: Buffer): Buffer => sha256(Buffer.concat([Buffer.from([1]), a, b]))
export const BLOCK = 2 ** 20
export function treeRoot(l: Buffer[]): Buffer { // RFC 6962 2.1
  if (l.length < 2) return l[0] ?? sha256('')
  const k = 2 ** ((l.length - 1).toString(2).length - 1)
  return node(treeRoot(l.slice(0, k)), treeRoot(l.slice(k)))
}
export function foldPath(leaf: Buffer, index: number, size: number, path: Buffer[]): Buffer | null { // RFC 9162 2.1.3.2
  let fn = index, sn = size - 1, r = leaf
  for (const p of path) {
    if (sn === 0) return null
    if (fn % 2 === 1 || fn === sn) {
      r = node(p, r)
      while (fn % 2 === 0 && fn !== 0) { fn = Math.floor(fn / 2); sn = Math.floor(sn / 2) }
    } else r = node(r, p)
    fn = Math.floor(fn / 2); sn = Math.floor(sn / 2)
  }
  return sn === 0 && index < size ? r : null
}
export function checkBlock(block: Buffer, index: number, length: number, root: Buffer, path: Buffer[]): void {
  need(block.length > 0 && block.length === Math.min(BLOCK, length - index * BLOCK), 'block-length')
  need(foldPath(leafHash(block), index, Math.ceil(length / BLOCK), path)?.equals(root), 'inclusion-proof')
}

// ---- ins.md
export function readIns(typed: string): string {
  const t = typed.replace(/\s/g, '')
  need(/^\d*$/.test(t), 'ins-characters')
  need(t.length === 22, 'ins-length')
  need(97n - BigInt(t.slice(0, 20)) % 97n === BigInt(t.slice(20)), 'ins-check-key')
  return t
}
export function deriveIns(key: Buffer, nir: string, counter: number): { ins: string; fingerprint: string } {
  need(/^[0-9AB]*$/.test(nir), 'nir-characters')
  need(nir.length === 15, 'nir-length')
  need(!/^[5-8]/.test(nir), 'nir-provisional')
  need(/^[1-4]/.test(nir), 'nir-sex')
  need(/^.\d\d(0[1-9]|1[0-2]|[23]\d|4[0-2]|[5-9]\d)/.test(nir) && !/^...(1[3-9])/.test(nir), 'nir-month')
  need(/^.{5}(0[1-9]|[1-8]\d|9[0-5]|2[AB]|9[789]\d)/.test(nir), 'nir-department')
  need(/^.{7}\d{3}/.test(nir) && /^.{10}\d{3}/.test(nir) && !/^.{10}000/.test(nir), 'nir-order')
  const n = BigInt(nir.slice(0, 13).replace('2A', '19').replace('2B', '18'))
  need(97n - n % 97n === BigInt(nir.slice(13)), 'nir-key')
  const n13 = nir.slice(0, 13), d = BigInt('0x' + hmac(key, lp('coffre/v1/ins', n13, Buffer.from([counter]))).toString('hex')) % 10n ** 20n
  const register = hmac(key, Buffer.from('coffre/v1/ins-register-key\x01'))
  return { ins: String(d).padStart(20, '0') + String(97n - d % 97n).padStart(2, '0'), fingerprint: hmac(register, lp('coffre/v1/ins-register', n13)).toString('hex') }
}
// ---- mailed-code.md, kit.md
export const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
export function checkSymbol(v: number[]): number { // Horner over GF(32), x^5 + x^2 + 1
  const times2 = (a: number) => a & 16 ? (a << 1 ^ 0b100101) : a << 1
  return v.reduce((c, s) => times2(c ^ s), 0)
}
function symbols(typed: string, n: number, code: string, valid: (v: number[]) => boolean = () => true): string {
  const t = typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1'), v = [...t].map(c => SYMBOLS.indexOf(c))
  need(v.length === n && !v.includes(-1) && valid(v), `${code}-malformed`)
  need(checkSymbol(v.slice(0, -1)) === v.at(-1), `${code}-check-symbol`)
  return t
}
export function readCode(typed: string, ins: string): { code: string; seed: Buffer } {
  const t = symbols(typed, 20, 'code')
  return { code: t.match(/.{5}/g)!.join('-'), seed: hkdf(Buffer.from(t.slice(0, 19)), lp('coffre/v1/mailed-code', ins)) }
}
export function readKit(typed: string): { secret: Buffer; printed: string; qr: string } {
  const t = symbols(typed.trim().replace(/^coffre-kit:1:/, ''), 27, 'kit-code', v => (v[25]! & 3) === 0)
  const bits = [...t.slice(0, 26)].map(c => SYMBOLS.indexOf(c).toString(2).padStart(5, '0')).join('')
  return { secret: Buffer.from(bits.slice(0, 128).match(/.{8}/g)!.map(x => parseInt(x, 2))), printed: t.match(/.{3}/g)!.join('-'), qr: 'coffre-kit:1:' + t }
}

// ---- registration.md
const registration = obj({ deployment: id, subject: h32, purpose: one('opening', 'activation'), key: h32, issuedAt: time, expiresAt: time }, { supersedes: h32 })
export interface Anchors { deployment: string; insurerKey: string; cardAuthorities: string[] }
export function checkRegistration(a: Anchors, t: string, purpose: string, ins: string, salt: string, usedAt?: string): { hash: string; key: string } {
  const s = readStatement(t, 'coffre-registration+jws', 1)
  checkSignature(s, 0, edKey(raw(a.insurerKey)))
  need(s.heads[0]!.kid === 'insurer' && !s.heads[0]!.x5c, 'registration-key-id')
  const p = form(s.payload, registration)
  need(p.deployment === a.deployment, 'registration-deployment')
  need(p.issuedAt < p.expiresAt, 'registration-dates')
  need(p.purpose === purpose, 'registration-purpose')
  need(raw(salt).length === 32, 'registration-salt')
  need(hash(lp('coffre/v1/registration-subject', raw(salt), ins)) === p.subject, 'registration-subject')
  need(!usedAt || usedAt < p.expiresAt, 'registration-expired')
  need(!usedAt || Date.parse(p.issuedAt) - 120_000 <= Date.parse(usedAt), 'registration-not-yet-valid')
  edKey(raw(p.key))
  return { hash: s.hash, key: p.key }
}
// ---- identity.md
const identity = obj({ deployment: id, registration: h32, signKey: h32, sealKey: xkey, prevIdentity: nil(h32), nonce: id })
export interface Identity { hash: string; recordId: string; signKey: string; sealKey: string; prevIdentity: string | null; deployment: string }
export const fingerprint = (signKey: string, sealKey: string): string => {
  const n = BigInt('0x' + sha256(lp('coffre/v1/identity-fingerprint', raw(signKey), raw(sealKey))).toString('hex', 0, 15))
  return Array.from({ length: 24 }, (_, i) => SYMBOLS[Number(n >> BigInt(115 - 5 * i) & 31n)]).join('').match(/.{4}/g)!.join(' ')
}
export function checkIdentity(deployment: string, t: string, reg: { hash: string; key: string }): Identity {
  const s = readStatement(t, 'coffre-identity+jws', 2), p = form(s.payload, identity)
  const sign = edKey(raw(p.signKey))
  checkSealKey(raw(p.sealKey))
  need(p.registration === reg.hash && p.deployment === deployment, 'identity-registration')
  need(s.heads[0]!.kid === reg.hash && s.heads[1]!.kid === 'self' && s.heads.every(h => !h.x5c), 'identity-key-id')
  checkSignature(s, 0, edKey(raw(reg.key)))
  checkSignature(s, 1, sign)
  return { hash: s.hash, recordId: sha256(t).toString('base64url', 0, 16), signKey: p.signKey, sealKey: p.sealKey, prevIdentity: p.prevIdentity, deployment }
}
// ---- key-statement.md: X.509
interface Der { tag: number; body: Buffer; raw: Buffer }
function ders(b: Buffer): Der[] {
  const out: Der[] = []
  for (let at = 0; at < b.length;) {
    let n = b[at + 1]!, h = 2
    if (n & 128) { h += n & 127; need(h <= 6, 'certificate-malformed'); n = b.subarray(at + 2, at + h).reduce((x, y) => x * 256 + y, 0) }
    need(at + h + n <= b.length, 'certificate-malformed')
    out.push({ tag: b[at]!, body: b.subarray(at + h, at + h + n), raw: b.subarray(at, at + h + n) })
    at += h + n
  }
  return out
}
const oid = (b: Buffer): string => b.toString('hex') // kept as its DER body
const OID = { C: '550406', CN: '550403', SN: '550404', GN: '55042a', T: '55040c', O: '55040a', OU: '55040b', basic: '551d13', usage: '551d0f', extended: '551d25', alternative: '551d11', policies: '551d20', clientAuth: '2b06010505070302' }
const UNDERSTOOD: string[] = [OID.basic, OID.usage, OID.extended, OID.alternative, OID.policies]
const when = (d: Der): number => {
  const t = d.body.toString('latin1'), y = d.tag === 0x17 ? (t < '50' ? '20' : '19') + t : t
  return Date.parse(y.replace(/^(....)(..)(..)(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}
const extensions = (d: Der | undefined): Map<string, { critical: boolean; value: Buffer }> => new Map((d ? ders(ders(d.body)[0]!.body) : []).map(e => {
  const k = ders(e.body)
  return [oid(k[0]!.body), { critical: k.length > 2 && k[1]!.body[0] !== 0, value: k.at(-1)!.body }]
}))
/** Certificates and lists come from strangers: what cannot be read is refused, never a crash. */
const tolerant = <T>(f: () => T): T | null => { try { return f() } catch { return null } }
interface Cert { x: X509Certificate; der: Buffer; serial: string; alg: string; issuer: Buffer; subject: Buffer; from: number; to: number; ext: ReturnType<typeof extensions> }
function readCert(b64: string): Cert {
  const c = tolerant(() => {
    const der = Buffer.from(b64, 'base64'), x = new X509Certificate(der)
    const tbs = ders(ders(ders(der)[0]!.body)[0]!.body).filter((d, i) => i > 0 || d.tag !== 0xa0), v = ders(tbs[3]!.body)
    return { x, der, serial: tbs[0]!.body.toString('hex'), alg: oid(ders(tbs[1]!.body)[0]!.body), issuer: tbs[2]!.raw, subject: tbs[4]!.raw, from: when(v[0]!), to: when(v[1]!), ext: extensions(tbs.find(d => d.tag === 0xa3)) }
  })
  need(c, 'certificate-malformed')
  return c
}
const usage = (c: Cert, bit: number): boolean => ((c.ext.get(OID.usage) ? ders(c.ext.get(OID.usage)!.value)[0]!.body[1] ?? 0 : 0) & bit) !== 0
const constraints = (c: Cert): { ca: boolean; path: number } => {
  const e = c.ext.get(OID.basic), k = e ? ders(ders(e.value)[0]!.body) : [], n = k.find(d => d.tag === 2)
  return { ca: k[0]?.tag === 1 && k[0].body[0] !== 0, path: n ? n.body[0]! : Infinity }
}
/** Signatures that count, with the digest of those that are not part of a certificate (RSA-PSS and Ed25519 need none). */
const STRONG: Record<string, string | null> = { '2a864886f70d01010b': 'sha256', '2a864886f70d01010c': 'sha384', '2a864886f70d01010d': 'sha512', '2a8648ce3d040302': 'sha256', '2a8648ce3d040303': 'sha384', '2a8648ce3d040304': 'sha512', '2a864886f70d01010a': null, '2b6570': null }
const strongKey = (k: KeyObject): boolean => {
  const d = k.asymmetricKeyDetails
  return k.asymmetricKeyType === 'ed25519' || (d?.modulusLength ?? 0) >= 2048 || ['prime256v1', 'secp384r1'].includes(d?.namedCurve ?? '')
}
const issued = (c: Cert, by: Cert): boolean => by.subject.equals(c.issuer) && Object.hasOwn(STRONG, c.alg) && strongKey(by.x.publicKey) && c.x.verify(by.x.publicKey)
interface Crl { from: number; to: number; revoked: Map<string, number>; issuer: Buffer; signedBy: (c: Cert) => boolean }
function readCrl(b64: string): Crl {
  const l = tolerant((): Crl | null => {
    const [tbs, alg, sig] = ders(ders(Buffer.from(b64, 'base64'))[0]!.body), k = ders(tbs!.body).filter((d, i) => i > 0 || d.tag !== 2)
    const next = [0x17, 0x18].includes(k[3]?.tag ?? 0) ? k[3]! : null, rows = ders(k.slice(3).find(d => d.tag === 0x30)?.body ?? Buffer.alloc(0)).map(r => ders(r.body))
    const critical = [...extensions(k.find(d => d.tag === 0xa0)).values()].some(e => e.critical) || rows.some(r => r[2] && ders(r[2].body).some(e => ders(e.body)[1]!.tag === 1))
    if (!next || critical) return null // a delta or partial list
    const digest = STRONG[oid(ders(alg!.body)[0]!.body)]
    return { from: when(k[2]!), to: when(next), issuer: k[1]!.raw, revoked: new Map(rows.map(r => [r[0]!.body.toString('hex'), when(r[1]!)])), signedBy: c => !!digest && k[1]!.raw.equals(c.subject) && strongKey(c.x.publicKey) && crypto.verify(digest, tbs!.raw, c.x.publicKey, sig!.body.subarray(1)) }
  })
  need(l, 'crl-malformed')
  return l
}
/** "The card's chain", at a moment; `now`: the reader's clock, for document.md's "or else … by lists in force now". */
export function checkChain(x5c: string[], anchors: string[], crls: string[], atText: string, nowText = atText): void {
  const at = Date.parse(atText), now = Date.parse(nowText), certs = x5c.map(readCert), roots = anchors.map(readCert), lists = crls.map(readCrl)
  try { chainHolds(certs, roots, lists, at, at) } catch (e) {
    if (!(e instanceof Refused) || e.code !== 'crl-stale' || now <= at) throw e
    chainHolds(certs, roots, lists, at, now)
  }
}
function chainHolds(certs: Cert[], roots: Cert[], lists: Crl[], at: number, listsAt: number): void {
  const leaf = certs[0]!, e = leaf.ext.get(OID.extended)
  need(!constraints(leaf).ca && usage(leaf, 128) && e && ders(ders(e.value)[0]!.body).some(o => oid(o.body) === OID.clientAuth), 'certificate-usage')
  const dated = (c: Cert): void => {
    need([...c.ext].every(([o, x]) => !x.critical || UNDERSTOOD.includes(o)), 'certificate-untrusted')
    need(c.from <= at, 'certificate-not-yet-valid')
    need(at <= c.to, 'certificate-expired')
  }
  for (let i = 0; i < certs.length; i++) {
    const c = certs[i]!
    dated(c)
    const root = roots.find(r => issued(c, r)), issuer = root ?? certs[i + 1]
    need(issuer && (root || issued(c, issuer)), 'certificate-untrusted')
    need(constraints(issuer).ca && usage(issuer, 4) && constraints(issuer).path >= i, 'certificate-untrusted')
    need(usage(issuer, 2), 'crl-missing')
    const own = lists.filter(l => l.issuer.equals(c.issuer) && l.signedBy(issuer)), covers = (l: Crl) => l.from <= listsAt && listsAt <= l.to
    need(!own.some(l => l.revoked.has(c.serial) && (l.revoked.get(c.serial)! <= at || (covers(l) && listsAt <= at))), 'certificate-revoked')
    need(own.some(covers), own.length ? 'crl-stale' : 'crl-missing')
    if (!root) continue
    need(certs.slice(i + 1).every((x, k) => k === 0 && x.der.equals(root.der)), 'certificate-untrusted')
    return dated(root)
  }
}
function holder(leaf: Cert): { kind: string; nationalId: string; name: string } { // "Who the card stands for"
  const sets = ders(ders(leaf.subject)[0]!.body).map(set => ders(set.body).map(a => ders(a.body)).map(a => [oid(a[0]!.body), a[1]!.body.toString()] as const))
  const all = sets.flat(), has = (o: string) => all.some(a => a[0] === o), one = (o: string): string => {
    const found = all.filter(a => a[0] === o)
    need(found.length === 1 && found[0]![1] !== '', 'certificate-identity')
    return found[0]![1]
  }
  need(one(OID.C) === 'FR', 'certificate-identity')
  if (has(OID.O) || has(OID.OU)) {
    const nationalId = one(OID.OU), name = one(OID.O)
    need(one(OID.CN) && !has(OID.T) && /^(1\d[0-9AB]\d{7}|2\d{9}|3\d{14}|4\d{12,16})$/.test(nationalId), 'certificate-identity')
    return { kind: 'establishment', nationalId, name }
  }
  const named = sets.filter(s => s.some(a => a[0] === OID.SN)), nationalId = one(OID.CN)
  need(named.length === 1 && named[0]!.map(a => a[0]).sort().join() === [OID.CN, OID.SN, OID.GN].sort().join(), 'certificate-identity')
  need(one(OID.T) && /^(8\d{11}|0\d[0-9AB]\d{7})$/.test(nationalId), 'certificate-identity')
  return { kind: 'professional', nationalId, name: `${one(OID.GN)} ${one(OID.SN)}` }
}
const keyStatement = obj({ deployment: id, kind: kindOf, nationalId: text(/^[0-9A-Z]{2,30}$/), signKey: h32, sealKey: xkey, seq: num(), prev: nil(h32), notBefore: time, notAfter: time })
export interface PublishedKey { statement: string; crls: string[] }
export type WorkingKey = Of<typeof keyStatement> & { hash: string; name: string }
export function checkKey(a: Anchors, k: PublishedKey, at: string, now = at): WorkingKey {
  const s = readStatement(k.statement, 'coffre-key+jws', 2), [h1, h2] = s.heads
  const p = form(s.payload, keyStatement)
  need(h1!.x5c && h1!.kid === undefined, 'key-certificate')
  const [leaf] = h1!.x5c.map(readCert) as [Cert], who = holder(leaf), sign = edKey(raw(p.signKey))
  checkSealKey(raw(p.sealKey))
  checkSignature(s, 0, leaf.x.publicKey, CARD)
  need(h2!.kid === 'self' && !h2!.x5c, 'key-id')
  checkSignature(s, 1, sign)
  need(p.deployment === a.deployment && p.kind === who.kind && p.nationalId === who.nationalId, 'key-holder')
  need(p.notBefore <= at && at < p.notAfter && Date.parse(p.notAfter) <= leaf.to && (p.seq === 0) === (p.prev === null), 'key-time')
  checkChain(h1!.x5c, a.cardAuthorities, k.crls, at, now)
  return { ...p, hash: s.hash, name: who.name }
}

const withdrawalForm = obj({ deployment: id, keyStatement: h32, t: time })
export function checkWithdrawal(a: Anchors, key: WorkingKey, t: string, crls: string[], at: string): Of<typeof withdrawalForm> & { hash: string } {
  const s = readStatement(t, 'coffre-key-withdrawal+jws', 1), [h] = s.heads, p = form(s.payload, withdrawalForm)
  need(h!.x5c && h!.kid === undefined, 'key-certificate')
  const leaf = readCert(h!.x5c[0]!), who = holder(leaf)
  checkSignature(s, 0, leaf.x.publicKey, CARD)
  need(p.deployment === a.deployment, 'key-holder')
  need(p.keyStatement === key.hash, 'withdrawal-key')
  need(who.kind === key.kind && who.nationalId === key.nationalId, 'key-holder')
  checkChain(h!.x5c, a.cardAuthorities, crls, at)
  return { ...p, hash: s.hash }
}

// ---- state.md: sets, roots, proofs
export const SETS = ['grants', 'delegations', 'blocked', 'devices', 'placements'] as const
type SetName = typeof SETS[number]
export const setsForm = obj({ seed: h32, grants: list(h32), delegations: list(h32), blocked: list(text(/^[0-9A-Z]{2,30}$/)), devices: list(h32), placements: list(h32) })
export type Sets = Of<typeof setsForm>
const content = (set: SetName, c: string): Buffer => set === 'blocked' ? Buffer.from(c) : raw(c)
export const leafData = (salt: Buffer, c: Buffer): Buffer => lp('coffre/v1/leaf', salt, c)
export const paddingLeaf = (salt: Buffer): Buffer => lp('coffre/v1/padding-leaf', salt)
export const leafSalt = (seed: string, set: string, i: number): Buffer => hmac(raw(seed), lp('coffre/v1/leaf-salt', set, i))
export const setRoots = (s: Sets): Record<string, string> => Object.fromEntries(SETS.map(set => {
  const n = Math.max(16, 2 ** Math.ceil(Math.log2(s[set].length || 1)))
  const leaves = Array.from({ length: n }, (_, i) => { const salt = leafSalt(s.seed, set, i); return leafHash(i < s[set].length ? leafData(salt, content(set, s[set][i]!)) : paddingLeaf(salt)) })
  return [`${set}Root`, treeRoot(leaves).toString('base64url')]
}))
export interface SetProof { set: SetName; index: number; size: number; salt: string; path: string[] }
export function checkProof(roots: Record<string, unknown>, p: SetProof, c: string): void {
  const depth = Math.log2(p.size)
  need(Number.isInteger(depth) && depth >= 4 && depth <= 20 && Number.isInteger(p.index) && p.index >= 0 && p.index < p.size && p.path.length === depth && p.path.every(h32) && h32(p.salt), 'set-proof')
  need(foldPath(leafHash(leafData(raw(p.salt), content(p.set, c))), p.index, p.size, p.path.map(raw))?.toString('base64url') === roots[`${p.set}Root`], 'set-proof')
}
const compartment = obj({ id, epoch: num(), publicKey: xkey, link: nil(bytes(112)) })
export type Compartment = Of<typeof compartment>
const stateForm = obj({ deployment: id, recordId: id, seq: num(), prev: nil(h32), identity: h32, compartments: list(compartment, 1, 64), grantsRoot: h32, delegationsRoot: h32, blockedRoot: h32, devicesRoot: h32, placementsRoot: h32, bundle: obj({ version: num(1), hash: h32 }), t: time })
export type State = Of<typeof stateForm> & { hash: string; kid: string }
/** A statement of one signature by the identity, kid its hash: states, grants, placements, delegations, handovers. */
export function byIdentity<T extends { deployment: string; recordId: string }>(who: Identity, t: string, noun: string, table: Check<T>, cards: Delegation[] = []): T & { hash: string; kid: string } {
  const s = readStatement(t, `coffre-${noun}+jws`, 1), kid = s.heads[0]!.kid, card = cards.find(d => d.delegationId === kid)
  checkSignature(s, 0, edKey(raw(card?.card.signKey ?? who.signKey)))
  const p = form(s.payload, table)
  need(p.deployment === who.deployment && p.recordId === who.recordId && (card !== undefined || kid === who.hash) && !s.heads[0]!.x5c, 'statement-record')
  return { ...p, hash: s.hash, kid: kid! }
}
export function checkState(who: Identity, t: string, cards: Delegation[] = []): State {
  const s = byIdentity(who, t, 'state', stateForm, cards)
  need(s.identity === who.hash, 'state-identity')
  need(new Set(s.compartments.map(c => c.id)).size === s.compartments.length, 'state-compartments')
  return s
}
// ---- epoch.md: every secret back from the current one; those not reached are missing
export interface Link { epoch: number; publicKey: string; link: string | null }
export function walkLinks(recordId: string, c: Compartment, secret: Buffer, links: Link[]): Map<number, Buffer> {
  need(sealPublic(secret).equals(raw(c.publicKey)), 'epoch-key')
  const out = new Map([[c.epoch, secret]])
  let link = c.link === null ? null : raw(c.link), publicKey = raw(c.publicKey)
  for (let e = c.epoch; link !== null; e--) {
    const before = links.find(l => l.epoch === e - 1), prior = link.subarray(0, 32)
    need(e > 0 && before && xkey(before.publicKey) && (before.link === null || bytes(112)(before.link)), 'epoch-links')
    const info = lp('coffre/v1/link', raw(recordId), raw(c.id), e, sha256(publicKey), sha256(raw(before.publicKey)), prior), box = link.subarray(32)
    secret = as('epoch-links', () => openBox(hkdf(secret, lp('coffre/v1/link-key')), info, box))
    need(secret.length === 32 && sealPublic(secret).equals(raw(before.publicKey)), 'epoch-links')
    need(before.link === null ? prior.every(x => x === 0) : e > 1 && sha256(raw(before.link)).equals(prior), 'epoch-links')
    out.set(e - 1, secret)
    link = before.link === null ? null : raw(before.link); publicKey = raw(before.publicKey)
  }
  return out
}

// ---- grant.md
const grantForm = obj({ deployment: id, recordId: id, grantId: id, grantee: obj({ kind: kindOf, id: text(/^[0-9A-Z]{2,30}$/), keyStatement: h32 }),
  compartments: list(obj({ id, rights: list(one('read', 'deposit'), 1, 2), epoch: num(), seal: h32 }), 1, 64), until: time, t: time })
export type Grant = Of<typeof grantForm> & { hash: string; kid: string }
export function checkGrant(who: Identity, t: string, cards: Delegation[] = []): Grant {
  const g = byIdentity(who, t, 'grant', grantForm, cards)
  need([g.compartments.map(c => c.id), ...g.compartments.map(c => c.rights)].every(l => new Set(l).size === l.length), 'statement-form')
  return g
}
/** The 97 bytes in the seals of grants, delegations and recoveries. */
export function readSealed(b: Buffer): { name: string; secret: Buffer | null } {
  need(b.length === 97 && b[0]! <= 1 && b[33]! >= 1 && b[33]! <= 63, 'grant-seal')
  const secret = b.subarray(1, 33), name = b.subarray(34, 34 + b[33]!)
  need(b.subarray(34 + b[33]!).every(x => x === 0) && (b[0] === 1 || secret.every(x => x === 0)), 'grant-seal')
  try { return { name: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(name), secret: b[0] === 1 ? secret : null } } catch { throw new Refused('grant-seal') }
}
export const openGrantSeal = (seed: Buffer, recordId: string, compartmentId: string, epoch: number, keyHash: string, grantId: string, seal: Buffer) =>
  readSealed(openSeal(seed, lp('coffre/v1/grant-seal', raw(recordId), raw(compartmentId), epoch, raw(keyHash), raw(grantId)), seal))
export interface Opened { id: string; name: string; rights: string[]; secret: Buffer | null }
export function openGrant(who: Identity, t: string, seals: string[], compartments: Compartment[], seed: Buffer): { hash: string; compartments: Opened[] } {
  const g = checkGrant(who, t)
  need(seals.length === g.compartments.length, 'grant-seal')
  return { hash: g.hash, compartments: g.compartments.map((c, i) => {
    const current = compartments.find(x => x.id === c.id), seal = raw(seals[i]!), read = c.rights.includes('read')
    need(hash(seal) === c.seal && current?.epoch === c.epoch, 'grant-seal')
    const { name, secret } = openGrantSeal(seed, who.recordId, c.id, c.epoch, g.grantee.keyStatement, g.grantId, seal)
    need((secret !== null) === read, 'grant-seal')
    need(!secret || sealPublic(secret).equals(raw(current.publicKey)), 'epoch-key')
    return { id: c.id, name, rights: c.rights, secret }
  }) }
}

// ---- slot.md, bundle.md
const slotForm = obj({ slotId: id, kind: one('kit', 'device'), accountKeyVersion: num(1), parameters: one(''), wrapped: bytes(80) })
export type Slot = Of<typeof slotForm>
export const slotLeaf = (s: Slot): string => hash(lp('coffre/v1/slot-leaf', raw(s.slotId), s.kind, s.accountKeyVersion, s.parameters, raw(s.wrapped)))
export function openSlot(recordId: string, s: Slot, devices: string[], secret: Buffer): Buffer {
  need(slotForm(s) && devices.includes(slotLeaf(s)), 'slot-unknown')
  const info = lp('coffre/v1/slot', raw(recordId), s.accountKeyVersion, raw(s.slotId), s.kind, s.parameters)
  return as('slot-open', () => openBox(hkdf(secret, lp(`coffre/v1/${s.kind}-key`, raw(recordId))), info, raw(s.wrapped)))
}
const utf8 = (max: number) => is<string>(x => typeof x === 'string' && x !== '' && Buffer.byteLength(x) <= max)
const bundleForm = obj({ v: one(1), recordId: id, version: num(1), identity: obj({ sign: h32, seal: h32 }), compartments: list(obj({ id, kind: utf8(63), epoch: num(), secret: h32, exposed: list(id) }), 1, 64),
  seen: obj({ seq: num(), chain: nil(obj({ n: num(), hash: h32 })), tree: obj({ size: num(), root: h32 }) }) })
export type Bundle = Of<typeof bundleForm>
export function openBundle(who: Pick<Identity, 'recordId' | 'signKey' | 'sealKey'>, state: Pick<State, 'seq' | 'compartments' | 'bundle'>, accountKey: Buffer, box: Buffer): Bundle {
  need(hash(box) === state.bundle.hash, 'bundle-hash')
  const plain = openBox(accountKey, lp('coffre/v1/bundle', raw(who.recordId), state.bundle.version), box)
  const b = form(paddedJson(plain, 4096, 'bundle-content'), bundleForm, 'bundle-content')
  need(b.recordId === who.recordId && b.version === state.bundle.version && b.seen.seq <= state.seq, 'bundle-content')
  need(edPublic(raw(b.identity.sign)).equals(raw(who.signKey)) && sealPublic(raw(b.identity.seal)).equals(raw(who.sealKey)), 'bundle-content')
  need(same(b.compartments.map(c => c.id), state.compartments.map(c => c.id)), 'bundle-content')
  need(b.compartments.every((c, i) => c.epoch === state.compartments[i]!.epoch && sealPublic(raw(c.secret)).equals(raw(state.compartments[i]!.publicKey))), 'epoch-key')
  return b
}

// ---- placement.md, deposit.md, envelope.md, manifest.md
const placementForm = obj({ deployment: id, recordId: id, documentId: id, from: id, to: id, epoch: num(), envelope: h32, t: time })
export type Placement = Of<typeof placementForm> & { hash: string }
export const checkPlacement = (who: Identity, t: string): Placement => byIdentity(who, t, 'placement', placementForm)
const depositForm = obj({ deployment: id, recordId: id, documentId: id, compartment: id, epoch: num(), state: h32, bodyRoot: h32, bodyLength: num(1, 2 ** 40), manifest: h32, envelope: h32, commitment: h32, t: time }, { replaces: id })
export type Deposit = Of<typeof depositForm>
export function checkDeposit(deployment: string, recordId: string, t: string, key: { hash: string; signKey: string }): Deposit {
  return byIdentity({ deployment, recordId, hash: key.hash, signKey: key.signKey, sealKey: '', prevIdentity: null }, t, 'deposit', depositForm)
}
export interface Place { recordId: string; documentId: string; compartmentId: string; epoch: number; commitment: Buffer }
export function openEnvelope(p: Place, secret: Buffer, envelope: Buffer): Buffer {
  const info = lp('coffre/v1/envelope', raw(p.recordId), raw(p.documentId), raw(p.compartmentId), p.epoch, sha256(sealPublic(secret)), p.commitment)
  const key = openSeal(secret, info, envelope)
  need(key.length === 32, 'key-length')
  return key
}
const manifestForm = obj({ title: chars(1, 256), type: obj({ code: chars(1, 32), system: chars(1, 128) }), kind: chars(1, 63), mimeType: chars(3, 128), size: num(0, 2 ** 40), date: chars(4, 32),
  author: obj({ name: chars(0, 1024), role: chars(0, 1024) }), patientAgreed: one(true, false), discussedWith: one(true, false) }, { practiceSetting: chars(0, 64), fileName: chars(0, 255) })
export type Manifest = Of<typeof manifestForm>
/** `part`: manifest or body. The body's label is nowhere in the pages: guessed after the manifest's, and right (manifest.json). */
export const documentKeys = (part: 'manifest' | 'body', recordId: string, documentId: string, key: Buffer): { key: Buffer; context: Buffer } =>
  ({ key: hkdf(key, lp(`coffre/v1/${part}-key`, raw(recordId), raw(documentId))), context: lp(`coffre/v1/${part}`, raw(recordId), raw(documentId)) })
export function openManifest(recordId: string, documentId: string, key: Buffer, sealed: Buffer): Manifest {
  const k = documentKeys('manifest', recordId, documentId, key)
  return form(paddedJson(openChunks(k.key, k.context, sealed), 1024, 'manifest-form'), manifestForm, 'manifest-form')
}

// ---- reading.md: the whole way
interface Who { recordId: string; identity: string; registration: string; registrationSalt: string; state: string }
interface StoredDocument { deposit: string; manifest: string; envelope: string; placement: string | null; compartment: string }
export interface Record_ {
  anchors: Anchors; now: string; ins: string; kit: { text: string; qr: string }
  patient: { keys: Who & { sets: Sets; bundle: string; slots: Slot[] }; state: { state: string; sets: Sets; grants: { statement: string; seals: string[] }[]; placements: { statement: string; envelope: string }[]; bundle: string }; epochs: Record<string, { epochs: Link[] }> }
  doctor: { nationalId: string; keyStatement: string; sealSecret: string; access: Who & { grant: { statement: string; seals: string[] }; proof: SetProof }; epochs: Record<string, { epochs: Link[] }> }
  keys: Record<string, PublishedKey>
  documents: Record<string, { document: StoredDocument; blocks: string; body: string; doctorToo: boolean }>
}
export interface Reading { recordId: string; compartments: Record<string, { name: string; epoch: number; secret: string | null }>; documents: Record<string, { title: string; content: string }> }
interface Reader { who: Identity; state: State; secrets: Map<string, Buffer>; links: Record<string, { epochs: Link[] }>; placements: Map<string, string> | null }

export interface Seen { seq: number; hash: string }
function notBehind(state: Seen, seen: Seen): void { // codes: patient-home.md
  need(state.seq >= seen.seq, 'state-rolled-back')
  need(state.seq > seen.seq || state.hash === seen.hash, 'state-forked')
}
function whoIs(r: Record_, w: Who, seen?: Seen): { who: Identity; state: State } { // steps 1 to 4
  const reg = checkRegistration(r.anchors, w.registration, 'opening', readIns(r.ins), w.registrationSalt)
  const who = checkIdentity(r.anchors.deployment, w.identity, reg)
  need(who.recordId === w.recordId && who.prevIdentity === null, 'record-identity')
  const state = checkState(who, w.state)
  if (seen) notBehind(state, seen)
  return { who, state }
}
export function openAsPatient(r: Record_, kit = r.kit.text, seen?: Seen): Reading {
  const k = r.patient.keys, s = r.patient.state, { who, state: first } = whoIs(r, k, seen), { secret } = readKit(kit)
  const folds = (state: State, sets: Sets) => need(setsForm(sets) && Object.entries(setRoots(sets)).every(([n, v]) => state[n as 'grantsRoot'] === v), 'record-state')
  folds(first, k.sets) // 6
  const slot = k.slots.find(x => x.kind === 'kit')
  need(slot, 'slot-unknown')
  const accountKey = openSlot(who.recordId, slot, k.sets.devices, secret) // 7
  openBundle(who, first, accountKey, raw(k.bundle)) // 8
  const state = checkState(who, s.state) // 4 again: the state of the list of documents
  notBehind(state, first)
  folds(state, s.sets)
  const bundle = openBundle(who, state, accountKey, raw(s.bundle))
  const grants = s.grants.map(g => ({ ...checkGrant(who, g.statement), seals: g.seals })), placements = s.placements.map(p => ({ ...checkPlacement(who, p.statement), served: p.envelope })) // 9
  need(s.sets.delegations.length === 0, 'record-state') // reading.md, "Not served yet"
  need(same(grants.map(g => g.hash).sort(), [...s.sets.grants].sort()) && same(placements.map(p => p.hash).sort(), [...s.sets.placements].sort()), 'record-state')
  need(grants.every(g => same(g.seals.map(x => hash(raw(x))), g.compartments.map(c => c.seal))) && placements.every(p => hash(raw(p.served)) === p.envelope), 'record-state')
  const reader: Reader = { who, state, links: r.patient.epochs, secrets: new Map(bundle.compartments.map(c => [c.id, raw(c.secret)])), placements: new Map(placements.map(p => [p.documentId, p.hash])) }
  return { recordId: who.recordId, compartments: Object.fromEntries(bundle.compartments.map(c => [c.id, { name: c.kind, epoch: c.epoch, secret: raw(c.secret).toString('hex') }])), documents: openAll(r, reader, Object.keys(r.documents)) }
}
export function openAsDoctor(r: Record_, seen?: Seen): Reading {
  const d = r.doctor, { who, state } = whoIs(r, d.access, seen), g = checkGrant(who, d.access.grant.statement)
  need(g.grantee.kind === 'professional' && g.grantee.id === d.nationalId && r.now < g.until, 'grant-other') // 5
  need(d.access.proof.set === 'grants', 'grant-not-in-force')
  as('grant-not-in-force', () => checkProof(state, d.access.proof, g.hash)) // 6
  need(g.grantee.keyStatement === d.keyStatement, 'keys-missing')
  const opened = openGrant(who, d.access.grant.statement, d.access.grant.seals, state.compartments, Buffer.from(d.sealSecret, 'hex')).compartments // 7
  const secrets = new Map(opened.flatMap(c => c.secret ? [[c.id, c.secret] as const] : []))
  const compartments = Object.fromEntries(opened.map((c, i) => [c.id, { name: c.name, epoch: g.compartments[i]!.epoch, secret: c.secret?.toString('hex') ?? null }]))
  return { recordId: who.recordId, compartments, documents: openAll(r, { who, state, secrets, links: d.epochs, placements: null }, Object.keys(r.documents).filter(x => r.documents[x]!.doctorToo)) }
}
const openAll = (r: Record_, reader: Reader, ids: string[]): Reading['documents'] => Object.fromEntries(ids.map(x => [x, openDocument(r, reader, x)]))

export function openDocument(r: Record_, { who, state, secrets, links, placements }: Reader, documentId: string): { title: string; content: string } {
  const { document: d, blocks, body: bodyText } = r.documents[documentId]!
  const claimed = as('deposit-author', () => { const s = readStatement(d.deposit, 'coffre-deposit+jws', 1), kid = s.heads[0]!.kid; need(kid, 'deposit-author'); return { kid, p: form(s.payload, depositForm) } }) // 10
  const key = as('deposit-author', () => { // its t decides the moment, so t is read before the signature is checked
    const k = Object.hasOwn(r.keys, claimed.kid) ? checkKey(r.anchors, r.keys[claimed.kid]!, claimed.p.t, r.now) : null
    need(k && k.hash === claimed.kid, 'key-substituted')
    return k
  })
  const dep = (() => {
    try { return checkDeposit(who.deployment, who.recordId, d.deposit, key) } catch (e) {
      if (!(e instanceof Refused)) throw e
      throw new Refused(e.code === 'statement-record' ? 'deposit-record' : 'deposit-signature')
    }
  })()
  need(dep.documentId === documentId, 'deposit-document')
  const placed = d.placement === null ? null : as('placement-signature', () => checkPlacement(who, d.placement!)) // 11
  need(!placed || placed.documentId === documentId, 'placement-document')
  need(!placements || placements.get(documentId) === placed?.hash, 'placement-unknown')
  const compartmentId = placed?.to ?? dep.compartment, epoch = placed?.epoch ?? dep.epoch
  need(d.compartment === compartmentId, 'compartment-other')
  need(hash(raw(d.envelope)) === (placed?.envelope ?? dep.envelope), 'envelope-hash') // 13
  const documentKey = as('envelope-open', () => {
    const c = state.compartments.find(x => x.id === compartmentId), current = secrets.get(compartmentId)
    need(c && current, 'envelope-open')
    const secret = epoch === c.epoch ? current : walkLinks(who.recordId, c, current, links[compartmentId]?.epochs ?? []).get(epoch) // 12
    need(secret, 'envelope-open')
    return openEnvelope({ recordId: who.recordId, documentId, compartmentId, epoch, commitment: raw(dep.commitment) }, secret, raw(d.envelope))
  })
  need(hash(raw(d.manifest)) === dep.manifest, 'manifest-hash') // 14
  const k = documentKeys('manifest', who.recordId, documentId, documentKey), plain = as('manifest-open', () => openChunks(k.key, k.context, raw(d.manifest)))
  const manifest = form(paddedJson(plain, 1024, 'manifest-form'), manifestForm, 'manifest-form')
  need(streamLength(padme(manifest.size)) === dep.bodyLength, 'body-length')
  const leaves = Array.from({ length: raw(blocks).length / 32 | 0 }, (_, i) => raw(blocks).subarray(32 * i, 32 * i + 32)) // 15
  need(raw(blocks).length === 32 * Math.ceil(dep.bodyLength / BLOCK) && treeRoot(leaves).equals(raw(dep.bodyRoot)), 'body-blocks')
  const body = raw(bodyText) // 16
  need(body.length >= dep.bodyLength, 'body-truncated')
  need(body.length <= dep.bodyLength, 'body-extended')
  leaves.forEach((l, i) => need(leafHash(body.subarray(i * BLOCK, (i + 1) * BLOCK)).equals(l), 'body-block'))
  need(body.subarray(24, 56).equals(raw(dep.commitment)), 'body-commitment')
  const b = documentKeys('body', who.recordId, documentId, documentKey) // 17
  const padded = (() => { try { return openChunks(b.key, b.context, body) } catch (e) { throw e instanceof Refused ? new Refused(e.code === 'chunks-commitment' ? 'body-commitment' : 'body-open') : e } })()
  return { title: manifest.title, content: as('body-padding', () => unpad(padded, manifest.size)).toString() } // 18
}

// ======== Pieces that opening a record does not need: for the other vectors
// ---- request-signature.md
export interface Request { method: string; path: string; query: string; body?: string; headers: Record<string, string>; authority: string; publicKey: Buffer }
export function checkRequest(r: Request): { base: string; keyid: string; created: number; nonce: string } {
  const names = ['@method', '@authority', '@path', '@query', 'content-digest', 'coffre-seen', ...['coffre-session', 'coffre-acting'].filter(f => f in r.headers)]
  const covered = `(${names.map(n => `"${n}"`).join(' ')})`, input = r.headers['signature-input'] ?? ''
  const m = /^;created=(0|[1-9]\d{0,11});nonce="([\w-]{22})";keyid="([A-Za-z0-9_.:-]{1,128})";alg="ed25519";tag="coffre-v1"$/.exec(input.slice(7 + covered.length))
  need(input.startsWith('coffre=' + covered) && m && canonical(m[2])?.length === 16, 'signature-malformed')
  const sig = /^coffre=:([A-Za-z0-9+/]{86}==):$/.exec(r.headers['signature'] ?? ''), digest = r.headers['content-digest'] ?? ''
  need(sig && /^sha-256=:[A-Za-z0-9+/]{43}=:$/.test(digest) && r.headers['coffre-seen'], 'signature-malformed')
  need(/^[A-Z]{1,16}$/.test(r.method) && /^[a-z0-9.[\]:-]{1,255}$/.test(r.authority) && !r.authority.endsWith(':443'), 'signature-malformed')
  need(/^\/[^?#"<>\\^`{|}\s]*$/.test(r.path) && /^(\?[^"#<>\\^`{|}\s]+)?$/.test(r.query) && /^[!-~]*$/.test(r.path + r.query), 'signature-malformed')
  need([digest.slice(9, -1), sig[1]!].every(t => Buffer.from(t, 'base64').toString('base64') === t), 'signature-malformed')
  need(names.every(n => n.startsWith('@') || /^[!-~]([ -~]*[!-~])?$/.test(r.headers[n]!)), 'signature-malformed')
  const value: Record<string, string> = { ...r.headers, '@method': r.method, '@authority': r.authority, '@path': r.path, '@query': r.query || '?' }
  const base = [...names.map(n => `"${n}": ${value[n]}`), `"@signature-params": ${input.slice(7)}`].join('\n')
  need(base.length <= 8192, 'signature-malformed')
  need(edVerify(edKey(r.publicKey), Buffer.from(base), Buffer.from(sig[1]!, 'base64')), 'signature-invalid')
  need(digest === `sha-256=:${sha256(r.body ?? '').toString('base64')}:`, 'signature-invalid')
  return { base, keyid: m[3]!, created: Number(m[1]), nonce: m[2]! }
}

// ---- activation.md
const activation = obj({ deployment: id, recordId: id, registration: h32, opaque: h32, contact: h32, t: time })
export function checkActivation(who: Identity, t: string, reg: { hash: string; key: string }): Of<typeof activation> & { hash: string } {
  const s = readStatement(t, 'coffre-activation+jws', 2), p = form(s.payload, activation)
  need(p.registration === reg.hash && s.heads[0]!.kid === reg.hash && p.deployment === who.deployment, 'activation-registration')
  need(p.recordId === who.recordId && s.heads[1]!.kid === who.hash && s.heads.every(h => !h.x5c), 'activation-record')
  checkSignature(s, 0, edKey(raw(reg.key)))
  checkSignature(s, 1, edKey(raw(who.signKey)))
  return { ...p, hash: s.hash }
}
export const contactHash = (salt: Buffer, kind: string, address: string): string => hash(lp('coffre/v1/contact', salt, kind, address))

// ---- state.md: "What each change may change". Columns: compartments, grants, delegations, blocked, devices, placements, bundle.
const STEPS: Record<string, [string, string, string, string, string, string, string]> = {
  'account.activate': ['', '', '', '', 'one new', '', 'next'], 'device.add': ['', '', '', '', '+1', '', 'same or next'], 'device.remove': ['all', 're-issued', 're-issued', '', 'fewer', '', 'next'],
  'grant.give': ['', '+1', '', '', '', '', 'same or next'], 'grant.revoke': ['', '-1', '', '', '', '', 'same or next'], 'compartment.roll': ['some', 're-issued', 're-issued', '', '', '', 'next'],
  'compartment.add': ['+1', '', '', '', '', '', 'next'], 'access.block': ['', 'without', '', '+1', '', '', 'same or next'], 'access.unblock': ['', '', '', '-1', '', '', 'same or next'],
  'delegation.give': ['', '', '+1', '', '', '', 'same or next'], 'delegation.revoke': ['', 'confirmed', '-1', '', '', '', 'same or next'],
  'document.mask': ['', '', '', '', '', 'placed', ''], 'document.unmask': ['', '', '', '', '', 'placed', ''], 'identity.change': ['anew', 'none', 'none', '', 'alone', '', 'next'] }
export interface Step { state: string; sets: Sets }
/** Every statement that a set may name, and the identities there are. */
export interface Known { identities: Identity[]; grants: string[]; delegations: string[]; placements: string[]; handover?: string | null }
export function checkStep(k: Known, action: string, before: Step | null, next: Step): State {
  const first = k.identities[0]!, whoOf = (t: string): Identity => k.identities.find(i => i.hash === (json(raw(t.split('.')[1]!), 'statement-malformed') as { identity?: string }).identity) ?? first
  const all = k.delegations.map(t => checkDelegation(first, t)), cardsOf = (s: Sets | null): Delegation[] => all.filter(d => s?.delegations.includes(d.hash))
  const b = before && checkState(whoOf(before.state), before.state, all), who = whoOf(next.state), was = before && whoOf(before.state)
  const cards = cardsOf(before?.sets ?? null), s = checkState(who, next.state, cards), n = next.sets
  need(s.seq === (b ? b.seq + 1 : 0) && (b || s.prev === null), 'state-seq')
  need(!b || s.prev === b.hash, 'state-prev')
  need(!b || b.t <= s.t, 'state-time')
  need(setsForm(n) && Object.entries(setRoots(n)).every(([x, v]) => s[x as 'grantsRoot'] === v), 'state-roots')
  need(b ? STEPS[action] : action === 'record.open', 'state-action')
  const current = new Map(s.compartments.map(c => [c.id, c.epoch])), distinct = (l: string[]) => new Set(l).size === l.length
  const find = <T>(texts: string[], h: string, read: (t: string) => T): T => { const t = texts.find(x => hash(x) === h); need(t !== undefined, 'state-sets'); return as('state-sets', () => read(t)) }
  const grantOf = (h: string): Grant => find(k.grants, h, t => checkGrant(first, t, all)), delegationOf = (h: string): Delegation => find(k.delegations, h, t => checkDelegation(first, t))
  const placementOf = (h: string): Placement => find(k.placements, h, t => checkPlacement(first, t)) // by an identity that this one follows
  const grants = n.grants.map(grantOf), delegations = n.delegations.map(delegationOf), placements = n.placements.map(placementOf) // "In every state"
  const within = (g: Grant, d: Delegation | undefined, term = true) => d !== undefined && g.compartments.every(c => d.compartments.some(x => x.id === c.id)) && (!term || g.until <= d.maxUntil)
  need(SETS.every(x => distinct(n[x])) && distinct(grants.map(g => g.grantId)) && distinct(grants.map(g => `${g.grantee.kind} ${g.grantee.id}`)) && !grants.some(g => n.blocked.includes(g.grantee.id)), 'state-sets')
  need(grants.every(g => g.kid === who.hash || within(g, delegations.find(d => d.delegationId === g.kid))), 'state-sets')
  need(delegations.every(d => d.kid === who.hash) && distinct(delegations.map(d => d.delegationId)) && distinct(delegations.map(d => d.card.signKey)) && distinct(placements.map(p => p.documentId)), 'state-sets')
  need([...grants, ...delegations].every(g => g.compartments.every(c => current.get(c.id) === c.epoch)), 'state-epoch')
  if (!b || !before || !was) {
    need(s.compartments.every(c => c.epoch === 0 && c.link === null), 'state-compartments')
    need(n.devices.length === 1 && SETS.every(x => x === 'devices' || n[x].length === 0), 'state-sets')
    need(s.bundle.version === 1, 'state-bundle')
    return s
  }
  const o = before.sets, come = (x: SetName) => n[x].filter(y => !o[x].includes(y)), go = (x: SetName) => o[x].filter(y => !n[x].includes(y))
  if (s.kid !== who.hash) { // delegation.md, "What the card signs"
    const d = cards.find(x => x.delegationId === s.kid), may = action === 'grant.give' ? 'give' : action === 'grant.revoke' ? 'revoke' : ''
    need(d && s.t < d.maxUntil && d.may.some(x => x === may), 'state-signer')
    need(same(s.bundle, b.bundle), 'state-bundle')
    need(may === 'give' ? come('grants').every(h => grantOf(h).kid === s.kid) : go('grants').every(h => within(grantOf(h), d, false)), 'state-signer')
  }
  const [wc, wg, wr, wb, wd, wp, wv] = STEPS[action]!, changes = action === 'identity.change'
  need(changes ? who.prevIdentity === was.hash : who.hash === was.hash, 'state-identity')
  const kept = s.compartments.slice(0, b.compartments.length), rolled = new Set(b.compartments.filter((c, i) => !same(c, kept[i])).map(c => c.id))
  need(s.compartments.length === b.compartments.length + (wc === '+1' ? 1 : 0) && (wc !== '+1' || (s.compartments.at(-1)!.epoch === 0 && s.compartments.at(-1)!.link === null)), 'state-compartments')
  need(kept.every((c, i) => { const p = b.compartments[i]!; return c.id === p.id && (!rolled.has(c.id) || (c.epoch === p.epoch + 1 && c.publicKey !== p.publicKey && (c.link !== null || wc === 'anew'))) }), 'state-compartments')
  need(wc === 'some' ? rolled.size > 0 : wc === 'all' || wc === 'anew' ? rolled.size === kept.length : rolled.size === 0, 'state-compartments')
  const moves = (x: SetName, w: string) => need(come(x).length === (w === '+1' ? 1 : 0) && go(x).length === (w === '-1' ? 1 : 0), 'state-sets')
  const reissued = (x: 'grants' | 'delegations', of: (h: string) => Grant | Delegation) => { // the same but for t, and epoch and seal of what was rolled
    const bare = (h: string) => { const { hash: _, kid: __, t: ___, ...g } = of(h); return JSON.stringify({ ...g, compartments: g.compartments.map(c => rolled.has(c.id) ? { ...c, epoch: 0, seal: '' } : c) }) }
    const named = o[x].filter(h => of(h).compartments.some(c => rolled.has(c.id)))
    need(same(go(x), named) && same(come(x).map(bare).sort(), named.map(bare).sort()), 'state-sets')
  }
  if (wg === 'without') need(!come('grants').length && same(go('grants'), o.grants.filter(h => come('blocked').includes(grantOf(h).grantee.id))), 'state-sets')
  else if (wg === 're-issued') reissued('grants', grantOf)
  else if (wg === 'none') need(n.grants.length === 0, 'state-sets')
  else if (wg === 'confirmed') {
    const ended = go('delegations').map(h => delegationOf(h).delegationId), bare = (h: string) => { const { hash: _, kid: __, t: ___, ...g } = grantOf(h); return JSON.stringify(g) }
    need(go('grants').every(h => ended.includes(grantOf(h).kid)) && come('grants').every(h => go('grants').some(x => bare(x) === bare(h))), 'state-sets')
  } else moves('grants', wg)
  if (wr === 're-issued') reissued('delegations', delegationOf)
  else if (wr === 'none') need(n.delegations.length === 0, 'state-sets')
  else moves('delegations', wr)
  moves('blocked', wb)
  if (wd === 'one new') need(come('devices').length === 1 && n.devices.length > 1, 'state-sets')
  else if (wd === 'fewer') need(come('devices').length === n.devices.length && n.devices.length < o.devices.length && n.devices.length > 0, 'state-sets')
  else if (wd === 'alone') need(come('devices').length === 1 && n.devices.length === 1, 'state-sets')
  else moves('devices', wd)
  if (wp === 'placed') {
    need(come('placements').length === 1, 'state-sets')
    const p = placementOf(come('placements')[0]!)
    need(same(go('placements'), o.placements.filter(h => placementOf(h).documentId === p.documentId)) && go('placements').every(h => placementOf(h).to === p.from), 'state-sets')
    need(current.get(p.to) === p.epoch, 'state-epoch')
  } else moves('placements', wp)
  const grown = s.bundle.version === b.bundle.version + 1
  need(wv === 'next' ? grown : (wv !== '' && grown) || same(s.bundle, b.bundle), 'state-bundle')
  if (changes) { // recovery.md; a recovery is a warrant too, and has vectors of its own
    need(k.handover, 'state-warrant')
    const h = checkHandover(was, k.handover)
    need(h.from === was.hash && h.to === who.hash, 'state-warrant')
  }
  return s
}

// ---- list.md, entry.md, receipt.md
export const listHash = (ids: string[]): string => hash(lp('coffre/v1/list', ...ids.map(raw)))
const linkForm = obj({ v: one(1), record: is<string>(x => x === 'system' || id(x)), n: num(), prev: nil(h32), salt: id })
const OBJECTS: Record<string, string> = { 'record.open': 'identity registration', 'record.close': '', 'record.reopen': '', 'record.destroy': 'count', 'account.activate': 'registration activation slot', 'session.start': 'device', 'session.end': 'device', 'session.fail': 'device reason', 'grant.give': 'grant grantee', 'grant.revoke': 'grant grantee',
  'compartment.roll': 'count', 'compartment.add': 'compartment', 'device.add': 'device', 'device.remove': 'count', 'delegation.give': 'delegation', 'delegation.revoke': 'delegation', 'access.block': 'holder', 'access.unblock': 'holder', 'recovery.start': 'recovery identity registration',
  'recovery.stop': 'identity', 'identity.change': 'identity registration recovery handover', 'document.mask': 'document placement', 'document.unmask': 'document placement', 'access.view': 'compartment reason', 'access.request': 'request', 'access.deny': 'request', 'document.list': 'ids count', 'document.read': 'document',
  'document.deposit': 'document compartment deposit', 'document.refused': 'document reason', 'notices.set': 'accesses', 'key.publish': 'keyStatement', 'key.withdraw': 'keyStatement withdrawal', 'registration.import': 'registration purpose', 'host.start': 'version', 'host.stop': 'version', 'host.operate': 'act', 'strangers.refused': 'count reason' }
const eventForm = obj({ t: time, actor: is<{ kind: string }>(x => ['patient', 'professional', 'establishment', 'insurer', 'host'].includes(x?.kind)), action: one(...Object.keys(OBJECTS)), object: is<Record<string, unknown>>(x => typeof x === 'object' && x !== null),
  outcome: one('ok', 'refused'), grant: nil(h32), state: nil(h32), request: nil(obj({ base: chars(1, 8192), signature: bytes(64) })), salt: id })
const line = <T>(t: string, check: Check<T>): T => {
  const x = json(Buffer.from(t), 'entry-form')
  need(JSON.stringify(x) === t, 'entry-form')
  return form(x, check, 'entry-form')
}
const readEvent = (t: string) => {
  const e = line(t, eventForm), members = OBJECTS[e.action]!.split(' ')
  need(!Array.isArray(e.object) && Object.entries(e.object).every(([k, v]) => ((k === 'reason' && e.outcome === 'refused') || members.includes(k)) && (v === null || Number.isSafeInteger(v) || (typeof v === 'string' && v.length <= 256))), 'entry-form')
  return e
}
const entryHash = (link: Buffer, event: Buffer): string => hash(lp('coffre/v1/entry', link, event))
export function checkEntries(entries: { link: string; event: string }[]): string[] {
  const hashes: string[] = []
  let record: string | null = null, t = ''
  for (const [i, e] of entries.entries()) {
    const link = line(e.link, linkForm), event = readEvent(e.event)
    need(record === null || link.record === record, 'chain-record')
    need(link.n === i, 'chain-number')
    need(link.prev === (hashes.at(-1) ?? null), 'chain-prev')
    need(event.t >= t, 'chain-time')
    hashes.push(entryHash(sha256(e.link), sha256(e.event))); record = link.record; t = event.t
  }
  return hashes
}
const receiptForm = obj({ deployment: id, event: is<string>(x => typeof x === 'string'), linkHash: h32, entryHash: h32, integrateBy: time })
export function checkReceipt(deployment: string, hostKey: string, t: string): { entryHash: string; action: string } {
  const s = readStatement(t, 'coffre-receipt+jws', 1)
  checkSignature(s, 0, edKey(raw(hostKey)))
  need(s.heads[0]!.kid === 'host' && !s.heads[0]!.x5c, 'receipt-key-id')
  const p = form(s.payload, receiptForm), e = readEvent(p.event)
  need(p.deployment === deployment, 'receipt-deployment')
  need(p.entryHash === entryHash(raw(p.linkHash), sha256(p.event)), 'receipt-hash')
  need(Date.parse(p.integrateBy) === Date.parse(e.t) + 60_000, 'receipt-due')
  return { entryHash: p.entryHash, action: e.action }
}

// ---- erasure.md
const erasureForm = obj({ deployment: id, from: num(), to: num(), basis: chars(1, 256), t: time })
export function checkErasure(deployment: string, authority: { key: string } | undefined, t: string): Of<typeof erasureForm> {
  need(authority, 'erasure-authority')
  const s = readStatement(t, 'coffre-erasure+jws', 1)
  checkSignature(s, 0, edKey(raw(authority.key)))
  need(s.heads[0]!.kid === 'erasure' && !s.heads[0]!.x5c, 'erasure-key-id')
  const p = form(s.payload, erasureForm)
  need(p.deployment === deployment, 'erasure-deployment')
  need(p.from < p.to, 'erasure-range')
  return p
}
/** The hash of an entry whose event was erased: that of the line that was there stands in its place. */
export function erasedEntryHash(link: string, event: string): string {
  const { erased } = form(json(Buffer.from(event), 'entry-form'), obj({ erased: h32 }), 'entry-form')
  need(event === `{"erased":"${erased}"}`, 'entry-form')
  return entryHash(sha256(link), raw(erased))
}

// ---- delegation.md, recovery.md
const sealed = obj({ id, epoch: num(), seal: h32 })
const delegationForm = obj({ deployment: id, recordId: id, delegationId: id, card: obj({ signKey: h32, sealKey: xkey }), may: list(one('give', 'revoke'), 1, 2), compartments: list(sealed, 1, 64), maxUntil: time, t: time })
export type Delegation = Of<typeof delegationForm> & { hash: string; kid: string }
export function checkDelegation(who: Identity, t: string): Delegation {
  const d = byIdentity(who, t, 'delegation', delegationForm)
  need(new Set(d.may).size === d.may.length, 'statement-form')
  need(new Set(d.compartments.map(c => c.id)).size === d.compartments.length, 'delegation-compartments')
  edKey(raw(d.card.signKey)); checkSealKey(raw(d.card.sealKey))
  return d
}
type Seals = { id: string; name: string; secret: string | null }[]
/** As many seals as compartments, in their order, each the one named. */
const openSeals = (compartments: Of<typeof sealed>[], seals: string[], seed: Buffer, info: (c: Of<typeof sealed>) => Buffer): Seals => {
  need(same(seals.map(x => hash(raw(x))), compartments.map(c => c.seal)), 'grant-seal')
  return compartments.map((c, i) => { const x = readSealed(openSeal(seed, info(c), raw(seals[i]!))); return { id: c.id, name: x.name, secret: x.secret?.toString('hex') ?? null } })
}
export function openDelegation(who: Identity, t: string, seals: string[], seed: Buffer): { hash: string; compartments: Seals } {
  const d = checkDelegation(who, t), bound = sha256(raw(d.card.sealKey))
  return { hash: d.hash, compartments: openSeals(d.compartments, seals, seed, c => lp('coffre/v1/delegation-seal', raw(d.recordId), raw(c.id), c.epoch, raw(d.delegationId), bound)) }
}
const handoverForm = obj({ deployment: id, recordId: id, from: h32, to: h32, t: time })
export function checkHandover(who: Identity, t: string, next?: Identity) {
  const h = byIdentity(who, t, 'handover', handoverForm)
  need(!next || (h.from === who.hash && h.to === next.hash && next.prevIdentity === who.hash), 'recovery-identity')
  return h
}
const recoveryForm = obj({ deployment: id, recordId: id, from: h32, to: h32, t: time, compartments: list(sealed, 1, 64) })
export function checkRecovery(a: Anchors, who: Identity, next: Identity, t: string, key: PublishedKey): Of<typeof recoveryForm> & { hash: string } {
  const s = readStatement(t, 'coffre-recovery+jws', 2), [h1, h2] = s.heads, p = form(s.payload, recoveryForm), k = checkKey(a, key, p.t)
  need(h1!.x5c && h1!.kid === undefined, 'key-certificate')
  const [leaf] = h1!.x5c.map(readCert) as [Cert], card = holder(leaf)
  checkSignature(s, 0, leaf.x.publicKey, CARD)
  checkSignature(s, 1, edKey(raw(k.signKey)))
  need(p.deployment === a.deployment && p.recordId === who.recordId && h2!.kid === k.hash, 'statement-record')
  need(card.kind === 'professional' && card.kind === k.kind && card.nationalId === k.nationalId, 'recovery-holder')
  need(p.from === who.hash && p.to === next.hash && next.prevIdentity === who.hash, 'recovery-identity')
  need(new Set(p.compartments.map(c => c.id)).size === p.compartments.length, 'recovery-compartments')
  checkChain(h1!.x5c, a.cardAuthorities, key.crls, p.t)
  return { ...p, hash: s.hash }
}
export interface Course { startedAt: string; at: string; stopped: boolean }
export function openRecovery(r: Of<typeof recoveryForm> & { hash: string }, grant: Grant, state: State, seals: string[], seed: Buffer, course: Course): { hash: string; from: string; to: string; compartments: Seals } {
  for (const c of r.compartments) {
    need(grant.compartments.some(x => x.id === c.id && x.rights.includes('read')), 'recovery-right')
    need(state.compartments.some(x => x.id === c.id && x.epoch === c.epoch), 'recovery-epoch')
  }
  const compartments = openSeals(r.compartments, seals, seed, c => lp('coffre/v1/recovery-seal', raw(r.recordId), raw(c.id), c.epoch, raw(r.from), raw(r.to)))
  need(!course.stopped, 'recovery-stopped')
  need(Date.parse(course.at) - Date.parse(course.startedAt) >= 72 * 3600_000, 'recovery-early')
  return { hash: r.hash, from: r.from, to: r.to, compartments }
}

// ---- consultation.md
export interface Compared { recordId: string; request: string; identity: string; keyStatement: string }
export function compare(c: Compared, scanned: string, words: string[]): { words: string; text: string } {
  const code = /^coffre-request:1:([\w-]+):([\w-]+)$/.exec(scanned)
  need(code && id(code[1]) && h32(code[2]), 'consultation-malformed')
  const h = sha256(lp('coffre/v1/consultation', ...[c.recordId, c.request, c.identity, c.keyStatement].map(raw)))
  need(code[2] === h.toString('base64url'), 'consultation-other')
  const bits = [...h].map(b => b.toString(2).padStart(8, '0')).join('')
  const six = Array.from({ length: 6 }, (_, i) => words[parseInt(bits.slice(11 * i, 11 * i + 11), 2)])
  return { words: six.join(' ').normalize('NFC'), text: `coffre-request:1:${c.request}:${h.toString('base64url')}` }
}

// ---- devices.md
export function letIn(text: string, sealKey: string, sealed: string, secret: Buffer): { pairing: string; accountKey: string } {
  const code = /^coffre-device:1:([\w-]+):([\w-]+):([\w-]+)$/.exec(text)
  need(code && h32(code[1]) && id(code[2]) && h32(code[3]), 'pairing-malformed')
  const [nonce, key] = [raw(code[2]!), raw(sealKey)]
  need(sha256(lp('coffre/v1/pairing', nonce, key)).toString('base64url') === code[3], 'pairing-key')
  const accountKey = openSeal(secret, lp('coffre/v1/pairing-seal', nonce, sha256(key)), raw(sealed))
  return { pairing: code[1]!, accountKey: accountKey.toString('hex') }
}
