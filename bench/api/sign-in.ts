import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeHostProcess } from '../../test/fixtures/host-process.ts'
import { activePatient, insOf } from '../../test/fixtures/patient.ts'
import { signedIn } from '../../test/fixtures/professional.ts'
import type { Figure } from '../harness/figure.ts'
import { processTime } from '../samples/process-time.ts'

/** Patients, each of whom signs in once a round: a record is sent five one-time passwords in fifteen minutes, no more. */
const PATIENTS = 8
/** Milliseconds between two: unsigned routes are bounded by network address. */
const APART = 700

export default {
  what: `Milliseconds of processor that the host takes for a patient's whole sign-in, in all its threads: OPAQUE, the one-time password and its mail, the sealed bundle, the session, the log that is read. ${PATIENTS} patients one after the other; what the host takes when nobody asks is taken off.`,
  unit: 'ms',
  async *contests() {
    const folder = mkdtempSync(join(tmpdir(), 'coffre-bench-sign-in-'))
    const host = await makeHostProcess(folder)
    await host.start()
    const patients: Awaited<ReturnType<typeof activePatient>>[] = []
    for (let i = 0; i < PATIENTS; i++) {
      const who = { folder: join(folder, `p${i}`), ins: insOf(`${i + 1}`), mail: `p${i}@test.invalid` }
      patients.push(await activePatient(host.client, who))
      await pause(APART)
    }
    const round = async (act: (patient: (typeof patients)[0]) => Promise<void>): Promise<number> => {
      const before = processTime(host.pid)
      for (const patient of patients) {
        const began = performance.now()
        await act(patient)
        await pause(APART - (performance.now() - began))
      }
      return processTime(host.pid) - before
    }
    const idle = await round(async () => {})
    yield {
      rounds: 3,
      sides: {
        coffre: async () => {
          const taken = await round(async patient => {
            await (await signedIn(host.client, patient)).close()
          })
          return (taken - idle) / PATIENTS
        },
      },
      comparisons: [{ of: 'coffre', target: { most: 10 } }],
    }
    await host.kill()
    await host.mail.stop()
    rmSync(folder, { recursive: true, force: true })
  },
} satisfies Figure

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, Math.max(0, ms)))
