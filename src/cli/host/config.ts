/** The host's configuration file, and the keys, certificates and lists that it names. */
import { closeSync, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { type Bytes, fromBase64, fromBase64url, wipe } from '../../crypto/bytes.ts'
import { CoffreError } from '../../crypto/errors.ts'
import { MlDsaSigningKey } from '../../crypto/mldsa.ts'
import { SigningKey } from '../../crypto/sign.ts'
import { type Crl, parseCrl } from '../../crypto/x509.ts'
import type { LogSigner } from '../../log/checkpoint.ts'
import { Anchors } from '../../protocol/anchors.ts'
import { DEFAULT_ROOM, type RoomBounds } from '../../vault/room.ts'

/** The host cannot start as it is configured. Codes `host-config`, `host-key`, `host-crl`, `host-portal-build`. */
export class HostConfigError extends CoffreError {}

const path = z.string().min(1).max(4096)
const MIB = 1024 ** 2
/** A petabyte. */
const MIB_MAX = 2 ** 30
const port = z.int().min(0).max(65_535)

/** `config.json`; its paths are relative to the file. */
const ConfigFile = z.strictObject({
  anchors: path,
  listen: z.strictObject({ address: z.string().min(1).max(255), patients: port, professionals: port }),
  tls: z.strictObject({ certificate: path, key: path }),
  keys: path,
  store: path,
  crls: path,
  /** Where the card authorities publish their lists; fetched into `crls` every hour. */
  crlUrls: z
    .array(z.url({ protocol: /^https?$/ }))
    .max(16)
    .optional(),
  /** Years for which a closed record is kept before it is destroyed; 10 unless given. */
  retentionYears: z.int().min(1).max(100).optional(),
  /** HTTP workers, one a core unless given; 0 answers in the store's own thread. */
  workers: z.int().min(0).max(64).optional(),
  mail: z.strictObject({
    host: z.string().min(1).max(255),
    port: port.min(1),
    from: z.email().max(254),
    user: z.string().max(255).optional(),
    passwordFile: path.optional(),
  }),
  /** SMPP 3.4 gateway, where patients may give a telephone. */
  sms: z
    .strictObject({
      host: z.string().min(1).max(255),
      port: port.min(1),
      systemId: z.string().min(1).max(15),
      passwordFile: path,
      from: z.string().regex(/^([A-Za-z0-9 ]{1,11}|\+[1-9]\d{6,14})$/),
      tls: z.boolean().optional(),
      authority: path.optional(),
    })
    .optional(),
  /** What documents may take of the disk, MiB: `reserve` stays free for the log, `quota` bounds all of them together. */
  room: z
    .strictObject({
      reserve: z.int().min(0).max(MIB_MAX).optional(),
      quota: z.int().min(1).max(MIB_MAX).optional(),
    })
    .optional(),
  /** Origin of the patient's portal: `https://dmp.example`, nothing after it. */
  portal: z
    .url()
    .refine(text => new URL(text).origin === text, 'an origin: scheme, host and port alone')
    .optional(),
  /** File with the hash of the build of its pages, which the log is to name; it may come later. */
  portalBuild: path.optional(),
  /** Where the witnesses of the policy answer; must be the policy's. */
  witnesses: z.array(z.url()).max(16).optional(),
})

/** What `config.json` says, its paths resolved. */
export interface HostConfig {
  readonly file: string
  readonly anchors: Anchors
  readonly anchorsFile: string
  readonly listen: { readonly address: string; readonly patients: number; readonly professionals: number }
  readonly tls: { readonly certificate: string; readonly key: string }
  readonly keys: string
  readonly store: string
  readonly crls: string
  readonly crlUrls: readonly string[]
  /** The one origin whose pages may speak to the patients' listener. */
  readonly portal: string | null
  /** File with the hash of the build of those pages. */
  readonly portalBuild: string | null
  /** Of closed records; undefined for the default. */
  readonly retentionYears: number | undefined
  readonly room: RoomBounds
  /** HTTP workers; undefined for one a core. */
  readonly workers: number | undefined
  readonly mail: {
    readonly host: string
    readonly port: number
    readonly from: string
    readonly user?: string
    readonly passwordFile?: string
  }
  /** Null where telephones are no contact. */
  readonly sms: {
    readonly host: string
    readonly port: number
    readonly systemId: string
    readonly passwordFile: string
    readonly from: string
    readonly tls: boolean
    /** Of the gateway's certificate; null for the system's authorities. */
    readonly authority: string | null
  } | null
}

/** Secrets of the host; none of them opens a record. */
export interface HostKeys {
  readonly hostKey: SigningKey
  readonly log: LogSigner
  readonly opaqueSetup: string
  readonly tlsKey: string
}

/** Reads the configuration. Throws `HostConfigError` `host-config`, saying which member of which file is wrong. */
export function readHostConfig(file: string): HostConfig {
  const at = (name: string) => resolve(dirname(file), name)
  const { tls, mail, sms, ...rest } = parsed(file, ConfigFile)
  const anchorsFile = at(rest.anchors)
  const anchors = readAnchors(anchorsFile)
  const { user, passwordFile, ...gateway } = mail
  return {
    file,
    anchors,
    anchorsFile,
    listen: rest.listen,
    tls: { certificate: at(tls.certificate), key: at(tls.key) },
    keys: at(rest.keys),
    store: at(rest.store),
    crls: at(rest.crls),
    crlUrls: rest.crlUrls ?? [],
    portal: rest.portal ?? null,
    portalBuild: rest.portalBuild === undefined ? null : at(rest.portalBuild),
    retentionYears: rest.retentionYears,
    room: {
      reserve: rest.room?.reserve === undefined ? DEFAULT_ROOM.reserve : rest.room.reserve * MIB,
      quota: rest.room?.quota === undefined ? DEFAULT_ROOM.quota : rest.room.quota * MIB,
    },
    workers: rest.workers,
    mail: {
      ...gateway,
      ...(user === undefined ? {} : { user }),
      ...(passwordFile === undefined ? {} : { passwordFile: at(passwordFile) }),
    },
    sms:
      sms === undefined
        ? null
        : {
            ...sms,
            passwordFile: at(sms.passwordFile),
            tls: sms.tls ?? false,
            authority: sms.authority === undefined ? null : at(sms.authority),
          },
  }
}

/** Throws `HostConfigError` `host-config`. */
export function readAnchors(file: string): Anchors {
  return parsed(file, Anchors)
}

function parsed<T>(file: string, schema: z.ZodType<T>): T {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new HostConfigError(`${file} cannot be read as JSON; check the path and the file`, {
      code: 'host-config',
      cause,
    })
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const where = issue === undefined || issue.path.length === 0 ? 'the whole' : issue.path.join('.')
  throw new HostConfigError(`${file}: ${where} is not as it should be (${issue?.message ?? 'malformed'})`, {
    code: 'host-config',
  })
}

/** Reads all secrets. Throws `HostConfigError` `host-key`: missing, malformed, or readable by others. */
export function readHostKeys({ keys, tls, anchors }: HostConfig): HostKeys {
  const seed = <T>(name: string, make: (seed: Bytes) => T): T => {
    const file = join(keys, name)
    const bytes = readSeed(file)
    const key = make(bytes)
    wipe(bytes)
    return key
  }
  return {
    hostKey: seed('host.key', bytes => SigningKey.fromSeed(bytes)),
    log: {
      origin: anchors.origin,
      ed25519: seed('log-ed25519.key', bytes => SigningKey.fromSeed(bytes)),
      mlDsa44: seed('log-mldsa44.key', bytes => MlDsaSigningKey.fromSeed(bytes)),
    },
    opaqueSetup: readSecret(join(keys, 'opaque.setup')).trim(),
    tlsKey: readSecret(tls.key),
  }
}

function readSeed(file: string): Bytes {
  try {
    const seed = fromBase64url(readSecret(file).trim())
    if (seed.length !== 32) throw malformed(file)
    return seed
  } catch (cause) {
    throw HostConfigError.is(cause) ? cause : malformed(file, cause)
  }
}

function malformed(file: string, cause?: unknown): HostConfigError {
  return new HostConfigError(
    `${file} does not hold a 32-byte key as base64url; restore it from where you keep a copy`,
    {
      code: 'host-key',
      cause,
    },
  )
}

/** A secret file's text; refused when others than its owner may read or write it. Throws `HostConfigError` `host-key`. */
export function readSecret(file: string): string {
  let handle: number
  try {
    handle = openSync(file, 'r')
  } catch (cause) {
    throw new HostConfigError(`${file} cannot be opened; the host does not start without its keys`, {
      code: 'host-key',
      cause,
    })
  }
  try {
    // The mode of the opened file, not of its name: nobody can swap it in between.
    const { mode } = fstatSync(handle)
    if ((mode & 0o077) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, '0')
      throw new HostConfigError(
        `${file} may be read by others (mode ${octal}): chmod 600 it, and ask yourself who may have copied it`,
        { code: 'host-key' },
      )
    }
    return readFileSync(handle, 'utf8')
  } finally {
    closeSync(handle)
  }
}

/** The PEM blocks of a file as DER. */
export function pemBlocks(text: string, label: string): Bytes[] {
  const blocks = text.matchAll(new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`, 'g'))
  return [...blocks].map(([, body = '']) => fromBase64(body.replaceAll(/\s/g, '')))
}

/** The revocation lists of a folder (`*.der`, `*.crl`), as they are now. Throws `HostConfigError` `host-crl`. */
export function readCrls(folder: string): Crl[] {
  let names: string[]
  try {
    names = readdirSync(folder)
      .filter(name => /\.(der|crl)$/.test(name))
      .sort()
  } catch (cause) {
    throw new HostConfigError(`The folder of revocation lists ${folder} cannot be read`, { code: 'host-crl', cause })
  }
  return names.map(name => {
    try {
      return parseCrl(new Uint8Array(readFileSync(join(folder, name))))
    } catch (cause) {
      throw new HostConfigError(`${join(folder, name)} is not a revocation list in DER; fetch it again`, {
        code: 'host-crl',
        cause,
      })
    }
  })
}
