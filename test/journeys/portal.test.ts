/**
 * The patient's pages as patients use them: real Chromium, real host, real mail, at 360 px, axe on every screen. One host and
 * one browser for all stories. `npm run portal` plays the same and keeps a picture of each screen, at 360 and 1280 px.
 */
import { join } from 'node:path'
import t from 'tap'
import { Connection } from '../../src/client/professional/connection.ts'
import type { RecordId } from '../../src/protocol/ids.ts'
import { erase, erasureAfter } from '../fixtures/erasing.ts'
import { startChromium, startPortal } from '../fixtures/portal.ts'
import * as access from '../fixtures/portal-stories/access.ts'
import * as devices from '../fixtures/portal-stories/devices.ts'
import * as documents from '../fixtures/portal-stories/documents.ts'
import * as entering from '../fixtures/portal-stories/entering.ts'
import { type Ground, type Person, personAt, type Story } from '../fixtures/portal-stories/ground.ts'
import { settledPatient } from '../fixtures/portal-stories/known-browser.ts'
import * as leaving from '../fixtures/portal-stories/leaving.ts'
import * as losing from '../fixtures/portal-stories/lost.ts'
import * as settings from '../fixtures/portal-stories/settings.ts'
import { verifies } from '../fixtures/portal-stories/verifying.ts'
import { connect } from '../fixtures/professional.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const folder = testFolder(t)
/** A little more than the time that a new identity waits: what went before it is played first. */
const DAYS = 73 * 3600_000
const world = await startPortal(folder, { ago: DAYS, erasure: erasureAfter(2) })
const before = await connect(world.host, 'doctor', join(folder, 'doctor'))
const lost = await losing.losesAll(world, { folder, doctor: before })
world.host.advance(DAYS)
await erase(world.host, lost.treeSize)
const doctor = await Connection.open(before.workstation)
t.teardown(async () => {
  await before.close()
  await doctor.close()
  await world.stop()
})
const ground: Ground = { world, folder, doctor, camera: world.camera }
const tells = (name: string, story: Story) => t.test(name, t => story(t, ground))

const jeanne = await personAt(world)
const heard = leaving.listenTo(jeanne)
const papers: entering.Papers = { kit: [], codes: [], recordId: '' as RecordId }
const jean = await settledPatient(ground, { number: '4712', mail: 'jean@exemple.invalid' })
const odile = await settledPatient(ground, { number: '4713', mail: 'odile@exemple.invalid' })
const found: { fresh?: Person } = {}

tells('anybody can check that these are the published pages', verifies)
tells('opens the record with the first letter; the kit is printed and checked', entering.opens(jeanne, papers))
tells('activates it with the second letter', entering.activates(jeanne, papers))
tells('signs in with the secret code and a code by mail', entering.signsIn(jeanne))
tells('a request appears, is compared and answered', documents.answersRequest(jeanne, papers))
tells(
  'documents: found, opened in a frame that can do nothing, masked and shown again',
  documents.readsAndMasks(jeanne, papers),
)
tells('who has looked: in words, checked here', access.seesWhoLooked(jeanne, papers))
tells('access is changed, taken back and blocked; notices are chosen', access.changesAccess(jeanne, papers))
tells('leaves; nothing sent or kept tells a secret', leaving.leaves(jeanne, { papers, heard }))

tells('a wrong one-time password is asked again', settings.isAskedAgain(jean))
tells('a category of one’s own', settings.keepsApart(jean))
tells('the record and the trace are taken along', settings.takesAlong(jean))
tells('a large document is opened by several', settings.readsLarge(jean))
tells('a new device is let in by an old one', devices.letsIn(jean, found))
tells('a device is taken away, and comes back with the kit', devices.takesAway(jean, found))
tells('codes go to another address', devices.changesAddress(jean))
tells('a lost secret code is replaced', devices.losesCode(jean))
tells('the idle limit: asked before, then closed', leaving.isIdle(jean.person))

tells('everything lost: found again with the doctor’s word, and activated by telephone', losing.findsAgain(lost))
tells('somebody else who asks for the record is stopped', losing.stopsAnother(odile))
tells('a record is closed, and opened again', losing.closes(odile))
tells('a new identity is taken by the word of the old one', losing.handsOver(odile))

t.test('a browser that does not trust the host’s certificate says what to do', async t => {
  const wary = await startChromium(join(folder, 'wary'), null)
  t.teardown(() => wary.close())
  const person = await personAt(world, { colorScheme: 'dark' }, wary)
  const other = person.page
  await other.getByRole('button', { name: /première lettre/ }).click()
  await other.getByLabel('Numéro INS').fill(entering.INS)
  await other.getByRole('button', { name: 'Continuer' }).click()
  await other.getByLabel('Code d’ouverture').fill(papers.codes[0] ?? '')
  await other.getByRole('button', { name: 'Continuer' }).click()
  await other
    .getByRole('alert')
    .getByText(/joindre l’hébergeur en sécurité/)
    .waitFor()
  await other.getByText('Comment savoir d’où vient le problème').click()
  await person.look(t, '33-untrusted-dark')
})
