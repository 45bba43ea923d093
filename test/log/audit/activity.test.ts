import t from 'tap'
import { Activity } from '../../../src/log/audit/activity.ts'
import { Watch } from '../../../src/log/audit/anomalies.ts'
import { writeEntry } from '../../../src/log/entry.ts'
import type { Action, Actor } from '../../../src/protocol/entry.ts'
import type { Hash, Instant, NationalId, RecordId } from '../../../src/protocol/ids.ts'

const HASH = 'A'.repeat(43) as Hash
const recordOf = (n: number) => `${String(n).padStart(21, 'A')}A` as RecordId
const card = (id: string): Actor => ({ kind: 'professional', id: id as NationalId, key: HASH })
const doctor = card('810000000017')

/** Counts one act. */
const activity = () => {
  const counted = new Activity({ timeZone: 'Europe/Paris', professionOf: () => 'Médecin' })
  const act = (
    t: string,
    record: RecordId | 'system',
    given: { actor?: Actor; action?: Action; reason?: string } = {},
  ) => {
    const { actor = doctor, action = 'document.read', reason } = given
    const strangers = action === 'strangers.refused'
    const object = reason === undefined ? {} : { reason, ...(strangers ? { count: 3 } : {}) }
    const { event } = writeEntry(
      { record, n: 0, prev: null },
      {
        t: new Date(t).toISOString() as Instant,
        ...{ actor, action, object, grant: null, state: null },
        ...{ outcome: reason === undefined || strangers ? 'ok' : 'refused', request: null },
      },
    )
    counted.take({ chain: record, event })
  }
  return { counted, act }
}

t.test('acts are counted by the day of the time zone, by action, profession and reason', async t => {
  const { counted, act } = activity()
  act('2026-06-30T22:30:00Z', recordOf(1))
  act('2026-07-01T10:00:00Z', recordOf(1), { reason: 'no-grant' })
  act('2026-07-01T10:01:00Z', recordOf(1), {
    action: 'document.list',
    actor: { kind: 'patient', id: recordOf(1), key: HASH },
  })
  act('2026-07-01T10:02:00Z', 'system', {
    action: 'strangers.refused',
    actor: { kind: 'host', id: 'host' },
    reason: 'bad-signature',
  })
  counted.take({ chain: 'system', event: 'no entry' })
  const { days, hours, actions, professions, reasons, anomalies } = counted.summary()
  t.match(
    days,
    [{ day: '2026-07-01', counts: { reads: 1, lists: 1, refusals: 2, other: 0 } }],
    'half past midnight in Paris',
  )
  t.equal(days.length, 1)
  t.equal(hours[0], 1)
  t.same(actions.get('document.read'), { ok: 1, refused: 1 })
  t.same(
    [...professions],
    [
      ['Médecin', 1],
      ['Patient', 1],
    ],
  )
  t.same(
    [...reasons],
    [
      ['no-grant', 1],
      ['bad-signature', 3],
    ],
  )
  t.same(anomalies, [])
})

t.test('one card in very many records, cards that wake up, bursts of refusals', async t => {
  const { counted, act } = activity()
  for (let day = 1; day <= 28; day++) {
    for (let n = 0; n < 6; n++) act(`2026-02-${String(day).padStart(2, '0')}T10:0${n}:00Z`, recordOf(n))
  }
  for (let n = 0; n < 40; n++) act(`2026-03-01T10:${String(n).padStart(2, '0')}:00Z`, recordOf(n))
  act('2026-03-01T11:00:00Z', recordOf(1), { actor: card('810000000025') })
  act('2026-05-15T11:00:00Z', recordOf(1), { actor: card('810000000025') })
  for (let n = 0; n < 12; n++)
    act(`2026-05-16T11:00:${10 + n}Z`, recordOf(1), { actor: card('810000000033'), reason: 'no-grant' })
  t.same(
    counted.summary().anomalies.map(({ kind, who, count, usual }) => [kind, who, count, usual]),
    [
      ['wide-reader', '810000000017', 40, 6],
      ['dormant-card', '810000000025', 75, 60],
      ['refusal-burst', '810000000033', 12, 10],
    ],
  )
})

t.test('a peak in the night', async t => {
  const watch = new Watch()
  const act = (day: string, hour: number) =>
    watch.take({
      t: Date.parse(`${day}T00:00:00Z`),
      day,
      hour,
      chain: 'x',
      actor: doctor,
      outcome: 'ok',
      isAccess: false,
    })
  for (let day = 10; day < 30; day++) for (let n = 0; n < 4; n++) act(`2026-06-${day}`, 3)
  for (let n = 0; n < 50; n++) act('2026-06-30', 3)
  for (let n = 0; n < 500; n++) act('2026-06-30', 14)
  t.match(watch.anomalies(), [{ kind: 'night-peak', who: null, when: '2026-06-30 03:00', count: 50, usual: 4 }])
})
