/** Lost kit and devices, somebody else's attempt at it, and a new identity taken in time. */
import { fetchNewestKey, holderName } from '../../client/browser.ts'
import { qrModules } from '../../client/kit-page.ts'
import { handOver } from '../../client/patient/handover.ts'
import { recoverRecord } from '../../client/patient/recover.ts'
import { proposedIdentities, stopRecovery } from '../../client/patient/recoveries.ts'
import { reopenRecord, waitingFingerprint } from '../../client/patient/reopen.ts'
import type { Hash } from '../../protocol/ids.ts'
import { parseIns } from '../../protocol/ins.ts'
import type { QrPicture, Talk } from '../talk.ts'
import { kitThrough } from './kit.ts'
import { currentSession, endSession, store } from './session.ts'

/** What a professional compares: no secret. */
export interface Fingerprint {
  readonly text: string
  readonly qr: QrPicture
}

/** Somebody asks to take this identity's place. */
export interface RecoveryLine {
  readonly identity: string
  readonly fingerprint: string
  readonly vouched: readonly { readonly name: string; readonly on: string }[]
}

export const recoveryActs = {
  /** Proposes a new identity by a new letter; the kit is printed and checked on the way. */
  async reopen({ ins, code }: { ins: string; code: string }, talk: Talk): Promise<{ resumed: boolean }> {
    const known = (await store.waiting())?.ins
    const { resumed } = await reopenRecord({
      home: store,
      ins: known ?? parseIns(ins),
      code,
      ...kitThrough(talk),
    })
    return { resumed }
  },

  /** The fingerprint of the identity that waits here; null when none does. */
  async waiting(_: null): Promise<{ fingerprint: Fingerprint | null; hasDevice: boolean }> {
    const text = await waitingFingerprint(store)
    const hasDevice = (await store.device()) !== null
    return { fingerprint: text === null ? null : { text, qr: qrModules(text) }, hasDevice }
  },

  /** Brings the waiting identity in, with the new kit. */
  async recover({ kit }: { kit: string }): Promise<{ returned: readonly string[]; lost: number }> {
    const { returned, lost } = await recoverRecord({ home: store, kit })
    return { returned, lost }
  },

  /** Identities that wait to take the place of this one, those that were stopped left out. */
  async recoveries(_: null): Promise<RecoveryLine[]> {
    const session = currentSession()
    const lines: RecoveryLine[] = []
    for (const { identity, fingerprint, vouched, stopped } of await proposedIdentities(session)) {
      if (stopped) continue
      const by = await Promise.all(
        vouched.map(async ({ by, t }) => {
          const key = await fetchNewestKey(session.trust, session.host, by, session.clock()).catch(() => null)
          return { name: key === null ? by : holderName(key.holder), on: t }
        }),
      )
      lines.push({ identity, fingerprint, vouched: by })
    }
    return lines
  },

  async stopRecovery({ identity }: { identity: string }): Promise<null> {
    await stopRecovery(currentSession(), identity as Hash)
    return null
  },

  /** A new identity at once, by the word of the one in force; the session ends with it. */
  async handOver({ code }: { code: string }, talk: Talk): Promise<null> {
    await handOver(currentSession(), { code, ...kitThrough(talk) })
    await endSession().catch(() => undefined) // the host knows its key no more: only what is here is to be overwritten
    return null
  },
}
