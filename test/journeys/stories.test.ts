/** Whole stories of patients over real TLS, at one host: a world takes seconds to make, a story less. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { send, startTestHost } from '../fixtures/host.ts'
import { connect } from '../fixtures/professional.ts'
import { authors } from '../fixtures/stories/authors.ts'
import { closing } from '../fixtures/stories/closing.ts'
import { codes } from '../fixtures/stories/codes.ts'
import { devices } from '../fixtures/stories/devices.ts'
import { events } from '../fixtures/stories/events.ts'
import { keys } from '../fixtures/stories/keys.ts'
import { rights } from '../fixtures/stories/rights.ts'
import type { Ground, Story } from '../fixtures/stories/story.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const folder = testFolder(t)
const host = await startTestHost(join(folder, 'world'))
// A workstation reads the log before anything else, and a new host has none for a moment.
while ((await send(host, { path: '/log/checkpoint' })).status !== 200) await sleep(50)
const ground: Ground = {
  host,
  folder,
  doctor: await connect(host, 'doctor', join(folder, 'ws-doctor')),
  otherDoctor: await connect(host, 'otherDoctor', join(folder, 'ws-other')),
  clinic: await connect(host, 'clinic', join(folder, 'ws-clinic')),
}
t.teardown(async () => {
  for (const each of [ground.doctor, ground.otherDoctor, ground.clinic]) await each.close()
  await host.stop()
})

const stories: Readonly<Record<string, Story>> = { rights, devices, codes, authors, keys, closing, events }
for (const [name, story] of Object.entries(stories)) t.test(name, t => story(t, ground))
