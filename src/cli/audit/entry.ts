import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromBase64url, toHex } from '../../crypto/bytes.ts'
import { type AuditSource, WHOLE } from '../../log/audit/source.ts'
import { filesByHand } from '../../log/by-hand.ts'
import { parseEntry } from '../../log/entry.ts'
import { TILE_WIDTH, tilePath, tileWidth } from '../../log/tiles.ts'
import { peek } from '../../log/verified.ts'
import type { Actor } from '../../protocol/entry.ts'
import { Identity, KeyStatement, StatementTyp } from '../../protocol/statements.ts'
import { type Command, requiredOption, UsageError } from '../command.ts'
import { openStoreSource } from './store-source.ts'

/** `coffre audit entry`. */
export const command: Command = {
  name: 'audit entry',
  summary: 'write one entry as files, to be checked by hand',
  help: `Writes the bytes of one entry as they are stored: “link” and “event”, and when a signed request stands behind it “request”,
“request.sig” and “signer.pem”. Nothing is checked: that is done with sha256sum and openssl, as docs/audit.md shows.

  coffre audit entry STORE 12 --out entry-12`,
  options: { out: { type: 'string', value: 'FOLDER', required: true, description: 'where to write the files' } },
  positionals: [
    { name: 'STORE', description: 'the host’s store folder, or an export', required: true },
    { name: 'N', description: 'the entry’s number in the log: 0, 1, 2 …', required: true },
  ],
  async run(args, io) {
    const [store = '', text = ''] = args.positionals
    if (!/^\d{1,12}$/.test(text)) throw new UsageError('Name the store and the entry’s number: audit entry STORE 12')
    const seq = Number(text)
    const out = requiredOption(args, 'out')
    const source = openStoreSource(store, { bodies: false })
    try {
      const [stored] = await source.entries({ from: seq, to: seq + 1, part: WHOLE })
      if (stored === undefined) throw new UsageError(`There is no entry ${seq} in this store`)
      const entry = parseEntry(stored)
      const { hash } = entry
      const files = filesByHand(entry, await signKeyOf(source, entry.parsed.event.actor))
      mkdirSync(out, { recursive: true })
      for (const [name, bytes] of Object.entries(files)) writeFileSync(join(out, name), bytes)
      const width = tileWidth(0, Math.floor(seq / TILE_WIDTH), await signedSize(source))
      const bundle = tilePath({ kind: 'entries', level: 0, index: Math.floor(seq / TILE_WIDTH), width })
      io.print(`${Object.keys(files).join(', ')} in ${out}`)
      io.print(`entry hash ${toHex(fromBase64url(hash))}`)
      io.print(`leaf ${seq % TILE_WIDTH} of log/${bundle}`)
      return { seq, hash, leaf: seq % TILE_WIDTH, bundle: `log/${bundle}`, files: Object.keys(files) }
    } finally {
      source.close()
    }
  },
}

async function signedSize(source: AuditSource): Promise<number> {
  let size = 0
  for await (const checkpoint of source.checkpoints()) size = checkpoint.size
  return size
}

/** The key that the actor's own statement names; null for who has none. */
async function signKeyOf(source: AuditSource, actor: Actor): Promise<string | null> {
  if (!('key' in actor)) return null
  const isPatient = actor.kind === 'patient'
  const text = await source.statement(isPatient ? 'identity' : 'key', actor.key)
  if (text === null) return null
  return isPatient
    ? peek(text, { typ: StatementTyp.identity, schema: Identity }).signKey
    : peek(text, { typ: StatementTyp.key, schema: KeyStatement }).signKey
}
