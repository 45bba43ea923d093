/** What the pages can have done: each act takes plain values and gives plain values, through the SDK. */

import { readKit } from '../../client/kit.ts'
import { kitInEnglish, kitInFrench, qrModules } from '../../client/kit-page.ts'
import { parseCode } from '../../client/mailed-code.ts'
import { activateRecord } from '../../client/patient/activate.ts'
import { openRecord } from '../../client/patient/open.ts'
import { signIn } from '../../client/patient/sign-in.ts'
import { checkSecretCode } from '../../client/secret-code.ts'
import type { Ins } from '../../protocol/ids.ts'
import { parseIns } from '../../protocol/ins.ts'
import type { Talk } from '../talk.ts'
import { accessActs } from './access.ts'
import { documentActs } from './documents.ts'
import { currentSession, endSession, startSession, store } from './session.ts'
import { traceActs } from './trace.ts'

/** How far this browser has come with a record. */
export type Standing = 'none' | 'opening' | 'opened' | 'activated'

const enterActs = {
  /** What this browser holds. */
  async standing(_: null): Promise<{ standing: Standing }> {
    if ((await store.device()) !== null) return { standing: 'activated' }
    if ((await store.record()) !== null) return { standing: 'opened' }
    return { standing: (await store.opening()) === null ? 'none' : 'opening' }
  },

  /** Says why a code or an INS cannot be one, before anything else is asked. */
  async checkIns({ ins }: { ins: string }): Promise<null> {
    insOf(ins)
    return null
  },

  async checkMailedCode({ code }: { code: string }): Promise<null> {
    parseCode(code)
    return null
  },

  async checkKit({ kit }: { kit: string }): Promise<null> {
    readKit(kit).wipe()
    return null
  },

  async checkSecretCode({ code, mail }: { code: string; mail: string }): Promise<null> {
    const record = await store.record()
    checkSecretCode(code, { mail, ...(record === null ? {} : { ins: record.ins }) })
    return null
  },

  /** Opens the record with the first letter; the kit is printed and checked on the way. */
  async open({ ins, code }: { ins: string; code: string }, talk: Talk) {
    const pending = await store.opening()
    let isAgain = false
    const { fingerprint, resumed } = await openRecord({
      home: store,
      ins: pending?.ins ?? insOf(ins),
      code,
      async keepKit({ secretText, qr, ins, fingerprint, createdAt }) {
        const sheets = [kitInFrench(createdAt), kitInEnglish(createdAt)]
        await talk.ask('kit', { secretText, qr: qrModules(qr), ins, fingerprint, sheets })
      },
      async askKit(groups) {
        const answers = await talk.ask('kit-check', { groups, isAgain })
        isAgain = true
        return answers
      },
    })
    return { fingerprint, resumed }
  },

  /** Activates it with the second letter, the kit, a secret code and an address. */
  async activate(
    input: { ins: string | null; code: string; kit: string; secretCode: string; mail: string },
    talk: Talk,
  ) {
    const { code, kit, secretCode, mail } = input
    const { fingerprint } = await activateRecord({
      home: store,
      ...(input.ins === null ? {} : { ins: insOf(input.ins) }),
      code,
      kit,
      secretCode,
      mail,
      oneTimePassword: (sentTo, delivery) => talk.ask('password', { sentTo, delivery }),
    })
    return { fingerprint }
  },

  async signIn({ secretCode }: { secretCode: string }, talk: Talk) {
    const { session, idleSeconds, followed, settled, warnings } = await signIn({
      home: store,
      secretCode,
      oneTimePassword: (sentTo, delivery) => talk.ask('password', { sentTo, delivery }),
    })
    startSession(session)
    return { idleSeconds, news: followed.entries.length, settled, warnings }
  },

  /** Keeps the session alive. */
  async touch(_: null): Promise<null> {
    await currentSession().view()
    return null
  },

  async signOut(_: null): Promise<null> {
    await endSession()
    return null
  },
}

/** An INS as typed. Throws `CryptoError` or `InputError` `ins-…`. */
function insOf(text: string): Ins {
  return parseIns(text)
}

export const acts = { ...enterActs, ...documentActs, ...accessActs, ...traceActs }
export type Acts = typeof acts
