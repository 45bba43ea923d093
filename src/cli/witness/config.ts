/** A witness's configuration file and its keys. */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Bytes, fromBase64url, wipe } from '../../crypto/bytes.ts'
import { MlDsaSigningKey } from '../../crypto/mldsa.ts'
import { SigningKey } from '../../crypto/sign.ts'
import type { Cosigner } from '../../log/cosignature.ts'
import { checkKeyName, type NoteKey, parseVkey } from '../../log/note.ts'
import { WitnessError } from './errors.ts'

/** What a configuration file says, its paths resolved and its keys read. */
export interface WitnessConfig {
  readonly cosigner: Cosigner
  readonly address: string
  readonly port: number
  readonly stateFile: string
  readonly logs: readonly NoteKey[]
}

/**
 * Reads `{name, listen: {address, port}, keys: {ed25519, mlDsa44}, state, logs: [{keys: [vkey…]}]}`; paths are relative
 * to the file. Key files hold a 32-byte seed as one line of base64url, readable by their owner alone.
 * Throws `WitnessError` `witness-config` or `witness-key`.
 */
export function readWitnessConfig(path: string): WitnessConfig {
  const at = (file: string): string => resolve(dirname(path), file)
  const config = readFields(path)
  const seed = (name: 'ed25519' | 'mlDsa44'): Bytes => readSeed(at(config.keys[name]))
  const ed25519 = seed('ed25519')
  const mlDsa44 = seed('mlDsa44')
  const cosigner = {
    name: config.name,
    ed25519: SigningKey.fromSeed(ed25519),
    mlDsa44: MlDsaSigningKey.fromSeed(mlDsa44),
  }
  wipe(ed25519)
  wipe(mlDsa44)
  return { cosigner, ...config.listen, stateFile: at(config.state), logs: config.logs }
}

interface Fields {
  name: string
  listen: { address: string; port: number }
  keys: { ed25519: string; mlDsa44: string }
  state: string
  logs: NoteKey[]
}

function readFields(path: string): Fields {
  const wrong = (what: string, cause?: unknown): WitnessError =>
    new WitnessError(`${path}: ${what}`, { code: 'witness-config', cause })
  const record = (value: unknown, where: string, fields: readonly string[]): Record<string, unknown> => {
    if (typeof value !== 'object' || value === null) throw wrong(`${where} is not an object`)
    const unknown = Object.keys(value).find(key => !fields.includes(key))
    if (unknown !== undefined) throw wrong(`${where} has a field too many: ${unknown}`)
    return value as Record<string, unknown>
  }
  const text = (value: unknown, where: string): string => {
    if (typeof value !== 'string' || value === '') throw wrong(`${where} is not a text`)
    return value
  }
  let json: unknown
  try {
    json = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw wrong('it cannot be read as JSON', cause)
  }
  const config = record(json, 'the configuration', ['name', 'listen', 'keys', 'state', 'logs'])
  const listen = record(config.listen, 'listen', ['address', 'port'])
  const keys = record(config.keys, 'keys', ['ed25519', 'mlDsa44'])
  const { port } = listen
  if (!Number.isInteger(port) || (port as number) < 0 || (port as number) > 65_535)
    throw wrong('listen.port is no port')
  if (!Array.isArray(config.logs) || config.logs.length === 0) throw wrong('logs names no log')
  const name = text(config.name, 'name')
  try {
    checkKeyName(name)
    const logs = config.logs.flatMap(log => {
      const { keys: vkeys } = record(log, 'a log', ['keys'])
      if (!Array.isArray(vkeys) || vkeys.length === 0) throw wrong('a log has no keys')
      return vkeys.map(vkey => parseVkey(text(vkey, 'a key of a log')))
    })
    return {
      name,
      listen: { address: text(listen.address, 'listen.address'), port: port as number },
      keys: { ed25519: text(keys.ed25519, 'keys.ed25519'), mlDsa44: text(keys.mlDsa44, 'keys.mlDsa44') },
      state: text(config.state, 'state'),
      logs,
    }
  } catch (error) {
    if (WitnessError.is(error)) throw error
    throw wrong((error as Error).message, error)
  }
}

function readSeed(path: string): Bytes {
  const refuse = (why: string, cause?: unknown): WitnessError =>
    new WitnessError(`${path} is not a usable key file: ${why}`, { code: 'witness-key', cause })
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (cause) {
    throw refuse('it cannot be opened', cause)
  }
  try {
    // The mode of the opened file, not of its name: nobody can swap it in between.
    if ((fstatSync(file).mode & 0o077) !== 0) throw refuse('others may read it; chmod 600 it, or make new keys')
    const seed = fromBase64url(readFileSync(file, 'latin1').replace(/\n$/, ''))
    if (seed.length !== 32) throw refuse('it does not hold 32 bytes')
    return seed
  } catch (error) {
    throw WitnessError.is(error) ? error : refuse('it does not hold 32 bytes as base64url', error)
  } finally {
    closeSync(file)
  }
}
