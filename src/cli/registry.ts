/**
 * Every command of the program. Each is imported only when it is called, by a literal path: `coffre --help` loads none
 * of them, and the host's code is reached by `host …` alone. A test holds each summary equal to its module's.
 */
import type { Command } from './command.ts'

export interface CommandEntry {
  readonly summary: string
  load(): Promise<{ readonly command: Command }>
}

/** Titles of the groups, in the order of the list. */
export const GROUPS: Readonly<Record<string, string>> = {
  patient: 'The patient’s own record',
  pro: 'Professionals and establishments (with a card)',
  audit: 'Anyone who checks',
  portal: 'The programme’s pages for patients',
  host: 'The host',
  witness: 'A witness of the log',
  ins: 'The INS authority',
  insurer: 'The insurer',
}

export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  'patient open': {
    summary: 'open the record with the code of the first letter',
    load: () => import('./patient/open.ts'),
  },
  'patient activate': {
    summary: 'activate the record with the code of the second letter',
    load: () => import('./patient/activate.ts'),
  },
  'patient sign-in': {
    summary: 'sign in with the secret code and a one-time password',
    load: () => import('./patient/sign-in.ts'),
  },
  'patient reopen': {
    summary: 'begin again after kit and devices were lost, with a new opening letter',
    load: () => import('./patient/reopen.ts'),
  },
  'patient recover': {
    summary: 'bring the new identity in, 72 hours after a professional vouched for it',
    load: () => import('./patient/recover.ts'),
  },
  'patient recoveries': {
    summary: 'show new identities that wait to take the place of yours',
    load: () => import('./patient/recoveries.ts'),
  },
  'patient stop-recovery': {
    summary: 'stop a new identity that you did not ask for',
    load: () => import('./patient/stop-recovery.ts'),
  },
  'patient hand-over': {
    summary: 'take a new identity, when somebody else may hold the keys of yours',
    load: () => import('./patient/hand-over.ts'),
  },
  'patient sign-out': { summary: 'end the session', load: () => import('./patient/sign-out.ts') },
  'patient requests': { summary: 'show who asks for access', load: () => import('./patient/requests.ts') },
  'patient list': { summary: 'list the documents of the record', load: () => import('./patient/list.ts') },
  'patient read': { summary: 'open one document', load: () => import('./patient/read.ts') },
  'patient grant': {
    summary: 'give a professional or an establishment access',
    load: () => import('./patient/grant.ts'),
  },
  'patient change-grant': {
    summary: 'narrow or widen what somebody may do, or for how long',
    load: () => import('./patient/change-grant.ts'),
  },
  'patient revoke': { summary: 'take access back', load: () => import('./patient/revoke.ts') },
  'patient block': { summary: 'keep a professional or an establishment out', load: () => import('./patient/block.ts') },
  'patient unblock': { summary: 'let somebody ask for access again', load: () => import('./patient/unblock.ts') },
  'patient add-compartment': {
    summary: 'make a compartment of your own',
    load: () => import('./patient/add-compartment.ts'),
  },
  'patient move': { summary: 'move a document to another compartment', load: () => import('./patient/move.ts') },
  'patient mask': { summary: 'hide a document from all professionals', load: () => import('./patient/mask.ts') },
  'patient unmask': { summary: 'show a masked document again', load: () => import('./patient/unmask.ts') },
  'patient export': {
    summary: 'write the whole record, opened, into a folder',
    load: () => import('./patient/export.ts'),
  },
  'patient close': { summary: 'close the record: nobody has access but you', load: () => import('./patient/close.ts') },
  'patient undo-close': { summary: 'open a closed record again', load: () => import('./patient/undo-close.ts') },
  'patient devices': {
    summary: 'show what opens the record, and who is signed in',
    load: () => import('./patient/devices.ts'),
  },
  'patient add-device': {
    summary: 'let this machine open the record: with the kit, or by another device',
    load: () => import('./patient/add-device.ts'),
  },
  'patient welcome-device': {
    summary: 'let in a new device whose code was scanned',
    load: () => import('./patient/welcome-device.ts'),
  },
  'patient remove-device': {
    summary: 'take a lost device (or the kit) away',
    load: () => import('./patient/remove-device.ts'),
  },
  'patient end-session': {
    summary: 'end a session on another device',
    load: () => import('./patient/end-session.ts'),
  },
  'patient change-contact': {
    summary: 'have one-time passwords sent elsewhere',
    load: () => import('./patient/change-contact.ts'),
  },
  'patient notices': {
    summary: 'be told by mail of what others do in the record, or not',
    load: () => import('./patient/notices.ts'),
  },
  'patient trace': { summary: 'show who did what, checked locally', load: () => import('./patient/trace.ts') },
  'patient identity': {
    summary: 'show every identity that your record ever had',
    load: () => import('./patient/identity.ts'),
  },
  'patient verify-trace': {
    summary: 'check an exported trace offline',
    load: () => import('./patient/verify-trace.ts'),
  },
  'pro enrol': {
    summary: 'make working keys and publish them, signed by the card',
    load: () => import('./pro/enrol.ts'),
  },
  'pro renew': {
    summary: 'make new working keys and publish them, signed by the card',
    load: () => import('./pro/renew.ts'),
  },
  'pro withdraw': { summary: 'take a working key back, for good', load: () => import('./pro/withdraw.ts') },
  'pro request': { summary: 'ask a patient for access', load: () => import('./pro/request.ts') },
  'pro compare': { summary: 'compare a patient’s fingerprint in person', load: () => import('./pro/compare.ts') },
  'pro vouch': { summary: 'vouch for a patient’s new identity, in person', load: () => import('./pro/vouch.ts') },
  'pro deposit': { summary: 'deposit a document into a record', load: () => import('./pro/deposit.ts') },
  'pro list': { summary: 'list the documents within reach', load: () => import('./pro/list.ts') },
  'pro read': { summary: 'open one document', load: () => import('./pro/read.ts') },
  'pro withdraw-document': {
    summary: 'withdraw a document that you deposited',
    load: () => import('./pro/withdraw-document.ts'),
  },
  'pro keys': {
    summary: 'show every key ever published in your name, or another’s',
    load: () => import('./pro/keys.ts'),
  },
  'pro identity': {
    summary: 'show every identity that a patient’s record ever had',
    load: () => import('./pro/identity.ts'),
  },
  'pro receipts': {
    summary: 'hold the host to its receipts, keep the proofs',
    load: () => import('./pro/receipts.ts'),
  },
  'audit proof': { summary: 'check a receipt and its proof offline', load: () => import('./audit/proof.ts') },
  'audit entry': {
    summary: 'write one entry as files, to be checked by hand',
    load: () => import('./audit/entry.ts'),
  },
  'audit events': {
    summary: 'tell the log’s entries as FHIR AuditEvents or ATNA messages',
    load: () => import('./audit/events.ts'),
  },
  'audit order-erasure': {
    summary: 'sign an order to have events erased',
    load: () => import('./audit/order-erasure.ts'),
  },
  'audit report': { summary: 'write the audit as a page, with charts', load: () => import('./audit/report.ts') },
  'audit verify': {
    summary: 'check a whole store offline, or what a live log shows',
    load: () => import('./audit/verify.ts'),
  },
  'audit watch': { summary: 'follow a live log and raise the alarm', load: () => import('./audit/watch.ts') },
  'portal serve': { summary: 'serve the patient’s pages', load: () => import('./portal/serve.ts') },
  'portal build': {
    summary: 'write the patient’s pages as files, for any static server',
    load: () => import('./portal/write.ts'),
  },
  'portal verify': {
    summary: 'check that an address serves the published pages',
    load: () => import('./portal/verify.ts'),
  },
  'host serve': { summary: 'run the host', load: () => import('./host/serve.ts') },
  'host export-log': {
    summary: 'write the log for an auditor, without INS or ciphertext',
    load: () => import('./host/export-log.ts'),
  },
  'host erase-log': {
    summary: 'erase events by an order of the authority',
    load: () => import('./host/erase-log.ts'),
  },
  'host backup': { summary: 'copy the store, also while the host serves', load: () => import('./host/backup.ts') },
  'host restore': { summary: 'make the store from a copy of it', load: () => import('./host/restore.ts') },
  'host check': { summary: 'check the host’s configuration and store', load: () => import('./host/check.ts') },
  'witness serve': { summary: 'run a witness', load: () => import('./witness/serve.ts') },
  'ins derive': { summary: 'derive the INS of certified NIRs', load: () => import('./ins/derive.ts') },
  'insurer issue': {
    summary: 'make a mailed code, its registration and its letter',
    load: () => import('./insurer/issue.ts'),
  },
}

/** The known name closest to what was typed, `null` when nothing is close. */
export function nearestCommand(typed: string): string | null {
  let best: string | null = null
  let bestDistance = Number.POSITIVE_INFINITY
  for (const name of Object.keys(COMMANDS)) {
    const distance = editDistance(typed, name)
    if (distance < bestDistance) {
      best = name
      bestDistance = distance
    }
  }
  return bestDistance <= Math.max(2, Math.ceil(typed.length / 3)) ? best : null
}

/** Levenshtein's distance: single-character insertions, removals and changes. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change))
    }
    row = next
  }
  return row[b.length] ?? 0
}
