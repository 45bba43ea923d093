/** Whole stories of patients over real TLS, at one host: a world takes seconds to make, a story less. */
import { join } from 'node:path'
import t from 'tap'
import { startTestHost } from '../fixtures/host.ts'
import { connect } from '../fixtures/professional.ts'
import { devices } from '../fixtures/stories/devices.ts'
import { rights } from '../fixtures/stories/rights.ts'
import type { Ground, Story } from '../fixtures/stories/story.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const folder = testFolder(t)
const host = await startTestHost(join(folder, 'world'))
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

const stories: Readonly<Record<string, Story>> = { rights, devices }
for (const [name, story] of Object.entries(stories)) t.test(name, t => story(t, ground))
