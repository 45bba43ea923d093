/** Syslog messages (RFC 5424) around ATNA's audit messages, and how a stream frames them (RFC 5425, RFC 6587 §3.4.1). */
import { type Bytes, concat, utf8 } from '../../crypto/bytes.ts'

/** Facility 10 (security/authorization), severity 5 (notice): what ATNA asks for. */
const PRIORITY = 10 * 8 + 5
const APPLICATION = 'coffre'
/** What ATNA names such a message (ITI TF-2, 3.20). */
const MESSAGE_ID = 'IHE+RFC-3881'

export interface SyslogHeader {
  /** RFC 3339. */
  readonly t: string
  /** Who speaks: a host's name. */
  readonly hostname: string
}

/**
 * The message, UTF-8. No byte-order mark before the text: ATNA discourages it (ITI CP 477), and XML says its own
 * encoding; for RFC 5424 it is MSG-ANY.
 */
export function syslogMessage({ t, hostname }: SyslogHeader, text: string): Bytes {
  return utf8(`<${PRIORITY}>1 ${t} ${printable(hostname)} ${APPLICATION} - ${MESSAGE_ID} - ${text}`)
}

/** The same as a frame of a stream: its length in octets, a space, the message. */
export function octetCounted(message: Bytes): Bytes {
  return concat(utf8(`${message.length} `), message)
}

/** RFC 5424 §6: PRINTUSASCII without spaces, 255 at most; `-` for nothing. */
function printable(hostname: string): string {
  return hostname.replace(/[^\x21-\x7e]/g, '?').slice(0, 255) || '-'
}
