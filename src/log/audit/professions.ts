import { CoffreError } from '../../crypto/errors.ts'
import { parseStatement } from '../../crypto/statement.ts'
import { identityOf, parseCertificate } from '../../crypto/x509.ts'
import type { Actor } from '../../protocol/entry.ts'
import type { AuditSource } from './source.ts'

/** What the certificates in the directory say of professionals, by the hash of their key statement. Nothing is verified. */
export async function readProfessions(source: AuditSource): Promise<(actor: Actor) => string | null> {
  const professions = new Map<string, string>()
  for await (const { hash, statement } of source.statements('key')) {
    const profession = professionIn(statement)
    if (profession !== null) professions.set(hash, profession)
  }
  return actor => ('key' in actor ? (professions.get(actor.key) ?? null) : null)
}

function professionIn(statement: string): string | null {
  try {
    const [leaf = ''] = parseStatement(statement).signatures[0]?.header.x5c ?? []
    const identity = identityOf(parseCertificate(leaf))
    return identity.kind === 'professional' ? identity.profession : null
  } catch (error) {
    if (CoffreError.is(error)) return null
    throw error
  }
}
