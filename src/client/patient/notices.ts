import type { PatientSession } from './session.ts'

/** Whether mail tells of what others do in the record: each time, or never. */
export type NoticeChoice = 'on' | 'off'

/** Chooses it. Changes of who can get in are told in any case. Throws as `PatientSession.write`. */
export async function chooseNotices(session: PatientSession, accesses: NoticeChoice): Promise<void> {
  const request = { method: 'POST', path: session.path(`/notices/${accesses}`), body: {} } as const
  await session.write(request, { action: 'notices.set', object: { accesses } })
}
