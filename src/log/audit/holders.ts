import { CoffreError } from '../../crypto/errors.ts'
import { parseStatement } from '../../crypto/statement.ts'
import { identityOf, parseCertificate } from '../../crypto/x509.ts'
import type { Actor } from '../../protocol/entry.ts'
import { holderName } from '../key-statement.ts'
import type { AuditSource } from './source.ts'

/** Who a card stands for, as its certificate says. */
export interface ShownHolder {
  readonly name: string
  /** Null for an establishment. */
  readonly profession: string | null
}

/** What the certificates in the directory say of card holders, by their key statement. Nothing is verified. */
export async function readHolders(source: AuditSource): Promise<(actor: Actor) => ShownHolder | null> {
  const holders = new Map<string, ShownHolder>()
  for await (const { hash, statement } of source.statements('key')) {
    const holder = holderIn(statement)
    if (holder !== null) holders.set(hash, holder)
  }
  return actor => ('key' in actor ? (holders.get(actor.key) ?? null) : null)
}

function holderIn(statement: string): ShownHolder | null {
  try {
    const [leaf = ''] = parseStatement(statement).signatures[0]?.header.x5c ?? []
    const identity = identityOf(parseCertificate(leaf))
    return { name: holderName(identity), profession: identity.kind === 'professional' ? identity.profession : null }
  } catch (error) {
    if (CoffreError.is(error)) return null
    throw error
  }
}
