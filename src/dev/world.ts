import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomBytes, toBase64url } from '../crypto/bytes.ts'
import { createSetup } from '../crypto/opaque/server.ts'
import { SigningKey } from '../crypto/sign.ts'
import { type LogSigner, logKeys } from '../log/checkpoint.ts'
import { cosignerKeys } from '../log/cosignature.ts'
import { formatVkey } from '../log/note.ts'
import { formatPolicy, makePolicy } from '../log/policy.ts'
import { Anchors } from '../protocol/anchors.ts'
import { ensureCard, ensureCardAuthority, ensureServer, ensureServerAuthority } from './authorities.ts'
import { chainPem } from './certificates.ts'
import { folder, keep, PRIVATE, PUBLIC, put, readText } from './files.ts'
import { DEFAULT_PORTS, type Layout, layoutOf, type Ports } from './layout.ts'
import { CLINIC, DOCTOR, insuredCsv, OTHER_DOCTOR } from './people.ts'
import { ensureLogSigner, ensureSeed, ensureWitnessSigners } from './signers.ts'

// The development world: every party's keys, cards and papers in one folder. Starting again finds what is there, makes
// what is missing, renews what expires and overwrites no key; ports and lists are written anew.

/** What a finished world is. */
export interface World {
  readonly layout: Layout
  readonly ports: Ports
  readonly anchors: Anchors
}

/** PIN of every card here. */
const PIN = '1234'
/** Makes or completes the world in a folder. `at` is the time by which certificates are judged. */
export async function ensureWorld(options: { data: string; ports: Ports; at: Date }): Promise<World> {
  const { ports, at } = options
  const layout = layoutOf(options.data)
  folder(layout.data)
  putJson(layout.ports, ports)
  for (const path of [
    layout.insurer.letters,
    layout.host.crls,
    layout.host.store,
    layout.mail,
    layout.sms,
    layout.samples,
  ]) {
    folder(path)
  }
  const deployment = await keep(layout.deployment, () => `${toBase64url(randomBytes(16))}\n`, PUBLIC)
  const insurerKey = await ensureInsurance(layout, at)
  const roots = await ensureCards(layout, at)
  const servers = await ensureServerAuthority(layout.servers, at)
  await ensureServer(
    { certificate: layout.host.certificate, key: join(layout.host.keys, 'tls.key.pem') },
    { authority: servers, at },
  )
  await ensureSeed(layout.smsPassword, 6) // SMPP's passwords have at most 8 characters
  const { hostKey, log } = await ensureHostKeys(layout, deployment)
  const witnesses = await ensureWitnesses(layout, { log, ports })
  const anchors = Anchors.parse({
    v: 1,
    deployment,
    name: 'Coffre, development world',
    development: true,
    urls: {
      patients: `https://127.0.0.1:${ports.patients}`,
      professionals: `https://127.0.0.1:${ports.professionals}`,
    },
    serverAuthority: chainPem(servers.certificate),
    hostKey,
    insurerKey,
    cardAuthorities: roots,
    policy: formatPolicy(makePolicy({ log: { keys: logKeys(log) }, witnesses, threshold: witnesses.length })),
    origin: log.origin,
  })
  putJson(layout.anchors, anchors)
  repin(layout)
  putJson(layout.host.config, hostConfig(ports))
  return { layout, ports, anchors }
}

/** The INS key, the insurer's key and the insurer's certified list. Returns the insurer's public key. */
async function ensureInsurance({ authority, insurer }: Layout, at: Date): Promise<string> {
  await ensureSeed(authority.key)
  const seed = await ensureSeed(insurer.key)
  const publicKey = toBase64url(SigningKey.fromSeed(seed).verifyKey.bytes)
  put(insurer.publicKey, `${publicKey}\n`)
  await keep(insurer.people, () => insuredCsv(at))
  return publicKey
}

/** Card authorities, cards and the lists the host reads. Returns the roots as PEM. */
async function ensureCards({ cards, host }: Layout, at: Date): Promise<string[]> {
  const [persons, organisations] = await Promise.all([
    ensureCardAuthority(cards.persons, 'persons', at),
    ensureCardAuthority(cards.organisations, 'organisations', at),
  ])
  await ensureCard(cards.doctor, { authority: persons, holder: DOCTOR, pin: PIN, at })
  await ensureCard(cards.otherDoctor, { authority: persons, holder: OTHER_DOCTOR, pin: PIN, at })
  await ensureCard(cards.clinic, { authority: organisations, holder: CLINIC, pin: PIN, at })
  for (const kind of ['persons', 'organisations'] as const) {
    put(join(host.crls, `${kind}.crl.der`), readFileSync(join(cards[kind], 'crl.der')))
    put(join(host.crls, `${kind}-root.crl.der`), readFileSync(join(cards[kind], 'root.crl.der')))
  }
  return [persons, organisations].map(({ root }) => chainPem(root.certificate))
}

/** Receipts' key, the log's two keys and the OPAQUE secret. */
async function ensureHostKeys(layout: Layout, deployment: string): Promise<{ hostKey: string; log: LogSigner }> {
  const { keys } = layout.host
  const receipts = SigningKey.fromSeed(await ensureSeed(join(keys, 'host.key')))
  await keep(join(keys, 'opaque.setup'), () => `${createSetup()}\n`)
  return { hostKey: toBase64url(receipts.verifyKey.bytes), log: await ensureLogSigner(layout, deployment) }
}

/** Two witnesses, each with both kinds of key and a configuration of its own. */
async function ensureWitnesses(
  layout: Layout,
  { log, ports }: { log: LogSigner; ports: Ports },
): Promise<{ name: string; keys: ReturnType<typeof cosignerKeys>; url: string }[]> {
  const signers = await ensureWitnessSigners(layout)
  return signers.map((cosigner, i) => {
    const port = i === 0 ? ports.witness1 : ports.witness2
    putJson(join(layout.witnesses[i as 0 | 1], 'config.json'), {
      name: cosigner.name,
      listen: { address: '127.0.0.1', port },
      keys: { ed25519: './keys/ed25519.key', mlDsa44: './keys/mldsa44.key' },
      state: './state.json',
      logs: [{ keys: logKeys(log).map(formatVkey) }],
    })
    return { name: `witness-${i + 1}`, keys: cosignerKeys(cosigner), url: `http://127.0.0.1:${port}` }
  })
}

/** Where the patient's pages are: over plain HTTP, which browsers trust on loopback as if it were TLS. */
export function portalOrigin({ portal }: Pick<Ports, 'portal'>): string {
  return `http://127.0.0.1:${portal}`
}

function hostConfig(ports: Ports): object {
  return {
    anchors: '../anchors.json',
    listen: { address: '127.0.0.1', patients: ports.patients, professionals: ports.professionals },
    tls: { certificate: './tls.cert.pem', key: './keys/tls.key.pem' },
    keys: './keys',
    store: './store',
    crls: './crls',
    portal: portalOrigin(ports),
    portalBuild: './portal-build',
    mail: { host: '127.0.0.1', port: ports.mail, from: 'coffre@dev.coffre.invalid' },
    sms: {
      host: '127.0.0.1',
      port: ports.sms,
      systemId: 'coffre',
      passwordFile: './keys/sms.password',
      from: 'Coffre',
    },
    witnesses: [`http://127.0.0.1:${ports.witness1}`, `http://127.0.0.1:${ports.witness2}`],
  }
}

/**
 * Homes pin the anchors they were made with, and refuse others: those of a real deployment change by a statement of the
 * anchor before. Here a port may be another at the next start, and this world is every party.
 */
function repin({ anchors, homes }: Layout): void {
  const text = readFileSync(anchors, 'utf8')
  for (const home of homes.flatMap(path => (existsSync(path) ? readdirSync(path).map(name => join(path, name)) : []))) {
    const pinned = join(home, 'anchors.json')
    if (existsSync(pinned) && readFileSync(pinned, 'utf8') !== text) put(pinned, text, PRIVATE)
  }
}

/** The ports of a world's last start, where it has had one; `given` and the defaults around them. */
export function portsFor(data: string, given: Partial<Ports>): Ports {
  const { ports } = layoutOf(data)
  const last = existsSync(ports) ? (JSON.parse(readText(ports)) as Partial<Ports>) : {}
  return { ...DEFAULT_PORTS, ...last, ...given }
}

/** Writes JSON when it says something else than what is there. */
function putJson(path: string, value: object): void {
  const text = `${JSON.stringify(value, null, 2)}\n`
  if (!existsSync(path) || `${readText(path)}\n` !== text) put(path, text)
}
