/** Devices and sessions: what opens the record, adding and taking away, where messages go. */
import {
  addDevice,
  changeContact,
  type DevicesInForce,
  endOtherSession,
  listDevices,
  type Pairing,
  removeDevice,
  startPairing,
  welcomeDevice,
} from '../../client/browser.ts'
import { StepError } from '../../client/errors.ts'
import { qrModules } from '../../client/kit-page.ts'
import type { Hash, SlotId } from '../../protocol/ids.ts'
import { parseIns } from '../../protocol/ins.ts'
import type { Contact } from '../../protocol/messages.ts'
import type { QrPicture, Talk } from '../talk.ts'
import { typedContact } from './contact.ts'
import { byMessage } from './password.ts'
import { currentSession, enterAnew, startSession, store } from './session.ts'

type AccountKey = Awaited<ReturnType<Pairing['accountKey']>>

/** A device that waits to be let in by another: from `startPairing` on, and what it was given. */
let pairing: Pairing | null = null
let letIn: AccountKey | null = null

/** What the new device shows. */
export interface PairingShown {
  readonly text: string
  readonly qr: QrPicture
  readonly expiresAt: string
}

export const deviceActs = {
  async devices(_: null): Promise<DevicesInForce> {
    return listDevices(currentSession())
  },

  async endOther({ session }: { session: string }): Promise<null> {
    await endOtherSession(currentSession(), session as Hash)
    return null
  },

  /** On a new device: what an old one scans. */
  async startPairing(_: null): Promise<PairingShown> {
    letIn?.wipe()
    letIn = null
    pairing = await startPairing({ home: store })
    const { text, expiresAt } = pairing
    return { text, qr: qrModules(text), expiresAt }
  },

  /** Waits for the old device's answer; at most ten minutes. */
  async awaitPairing(_: null): Promise<null> {
    const waiting = pairing
    if (waiting === null) throw new StepError('No pairing was begun', { code: 'pairing-over' })
    const accountKey = await waiting.accountKey()
    // Another was begun meanwhile: this one leads nowhere.
    if (pairing === waiting) letIn = accountKey
    else accountKey.wipe()
    return null
  },

  /** On an old device: lets in the one whose code was scanned or typed. */
  async welcome({ text }: { text: string }): Promise<null> {
    await welcomeDevice(currentSession(), text)
    return null
  },

  /** Makes this browser one that opens the record: by the kit, or by what an old device handed over. It is then signed in. */
  async addDevice(input: { ins: string | null; kit: string | null; secretCode: string }, talk: Talk) {
    const { ins, kit, secretCode } = input
    const accountKey = letIn
    if (kit === null && accountKey === null) throw new StepError('Nobody let this device in', { code: 'pairing-over' })
    const { session, idleSeconds, warnings } = await addDevice({
      home: store,
      ...(ins === null ? {} : { ins: parseIns(ins) }),
      by: kit === null ? { accountKey: accountKey as AccountKey } : { kit },
      secretCode,
      ...byMessage(talk),
    })
    // The session has it now, and wipes it when it ends.
    letIn = null
    pairing = null
    startSession(session)
    return { idleSeconds, warnings }
  },

  /** Takes a device away, from this one, with a sign-in of its own: the session goes on under that. */
  async removeDevice(input: { device: string; kit: string | null; secretCode: string }, talk: Talk) {
    const { device, kit, secretCode } = input
    const entered = await enterAnew(() =>
      removeDevice({
        home: store,
        device: device as SlotId,
        ...(kit === null ? {} : { kit }),
        secretCode,
        ...byMessage(talk),
      }),
    )
    return { removed: entered.removed.length, kit: entered.kit }
  },

  /** Where one-time passwords and notices go from now on. */
  async changeContact({ contact }: { contact: Contact }, talk: Talk): Promise<null> {
    await changeContact(currentSession(), { contact: typedContact(contact), ...byMessage(talk) })
    return null
  },
}
