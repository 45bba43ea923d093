/** Closing the record, and opening it again. */
import { closeRecord, undoClosing } from '../../client/browser.ts'
import { currentSession } from './session.ts'

export const closingActs = {
  /** Takes every access back and lets nobody in any more but the patient. */
  async close(_: null): Promise<{ destroyedAt: string }> {
    const { destroyedAt } = await closeRecord(currentSession())
    return { destroyedAt: destroyedAt.toISOString() }
  },

  async undoClose(_: null): Promise<null> {
    await undoClosing(currentSession())
    return null
  },
}
