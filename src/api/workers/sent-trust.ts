/** What a host goes by as an operator may change it, between the threads that read files and those that answer. */
import { type Certificate, type Crl, parseCertificate, parseCrl } from '../../crypto/x509.ts'
import type { Anchors } from '../../protocol/anchors.ts'
import type { CardTrust } from '../cards.ts'
import type { ListenerTrust, ServerTls } from '../listeners.ts'

/** Certificates and lists as DER. */
export interface SentTrust {
  readonly anchors: Anchors
  readonly tls: ServerTls
  readonly cardAuthorities: readonly Uint8Array[]
  readonly crls: readonly Uint8Array[]
}

export interface WorkerTrust extends ListenerTrust, CardTrust {
  readonly anchors: Anchors
}

export function sentTrust({ anchors, tls, cardAuthorities, crls }: WorkerTrust): SentTrust {
  const ders = (parsed: readonly (Certificate | Crl)[]) => parsed.map(({ der }) => der)
  return { anchors, tls, cardAuthorities: ders(cardAuthorities), crls: ders(crls) }
}

export function receivedTrust({ anchors, tls, cardAuthorities, crls }: SentTrust): WorkerTrust {
  return {
    anchors,
    tls,
    cardAuthorities: cardAuthorities.map(der => parseCertificate(new Uint8Array(der))),
    crls: crls.map(der => parseCrl(new Uint8Array(der))),
  }
}
