import t from 'tap'
import type { Trust } from '../../../src/client/anchors.ts'
import { directoryAuthors, verifyAuthor } from '../../../src/client/document/author.ts'
import type { Host } from '../../../src/client/http.ts'
import { parseCertificate } from '../../../src/crypto/x509.ts'
import type { DeploymentId } from '../../../src/protocol/ids.ts'
import { AT, makeAuthor, newId } from '../../fixtures/document.ts'

const DAY = 86_400_000
const days = (count: number) => new Date(AT.getTime() + count * DAY)
const deployment = newId<DeploymentId>()
const author = await makeAuthor(deployment)
const { statement, authority, certificate, keyStatement: hash } = author
const root = parseCertificate(authority.anchor.replaceAll(/-----[A-Z ]+-----|\s/g, ''))
// Of the trust only what these checks look at.
const trust = { anchors: { deployment }, cardAuthorities: [root] } as unknown as Trust
const published = async (at: Date, revoked: Parameters<typeof authority.crls>[1] = []) => ({
  statement,
  crls: await authority.crls(at, revoked),
})

t.test('an author is judged at the time of the deposit', async t => {
  const key = await verifyAuthor(trust, await published(AT), { hash, at: days(1), now: days(2) })
  t.equal(key.hash, hash)
  const early = verifyAuthor(trust, await published(AT), { hash, at: days(-1), now: days(1) })
  await t.rejects(early, { code: 'key-time' })
  const late = verifyAuthor(trust, await published(days(366)), { hash, at: days(366), now: days(366) })
  await t.rejects(late, { code: 'key-time' })
})

t.test('with lists of today, for a deposit of a month ago', async t => {
  const today = days(30)
  t.ok(await verifyAuthor(trust, await published(today), { hash, at: AT, now: today }))
  const stale = verifyAuthor(trust, await published(AT), { hash, at: days(20), now: today })
  await t.rejects(stale, { code: 'crl-stale' }, 'neither of then nor of now')
  await t.rejects(verifyAuthor(trust, { statement, crls: [] }, { hash, at: AT, now: today }), { code: 'crl-missing' })
})

t.test('a card revoked before the deposit signs nothing', async t => {
  const revoked = [{ certificate, at: days(1) }]
  const lists = await published(days(2), revoked)
  await t.rejects(verifyAuthor(trust, lists, { hash, at: days(2), now: days(3) }), { code: 'certificate-revoked' })
})

t.test('a card revoked, or expired, after the deposit does not undo it', async t => {
  const lists = await published(days(30), [{ certificate, at: days(10) }])
  t.ok(await verifyAuthor(trust, lists, { hash, at: AT, now: days(30) }))
  await t.rejects(verifyAuthor(trust, lists, { hash, at: days(10), now: days(30) }), { code: 'certificate-revoked' })
  const years = days(5 * 365)
  t.ok(await verifyAuthor(trust, await published(years), { hash, at: AT, now: years }))
})

t.test('another statement than the one asked for is refused', async t => {
  const asked = { hash: (await makeAuthor(deployment)).keyStatement, at: AT, now: AT }
  await t.rejects(verifyAuthor(trust, await published(AT), asked), { code: 'key-substituted' })
})

t.test('many documents of one author: each is judged at its own time, and the key is fetched once', async t => {
  const judged = async (revoked: Parameters<typeof authority.crls>[1]) => {
    const answer = await published(days(30), revoked)
    let fetched = 0
    const call = async () => {
      fetched++
      return answer
    }
    const host = { call } as unknown as Host
    const authors = directoryAuthors(host, trust, () => days(30))
    const outcomes: string[] = []
    for (const day of [2, 1, 5, 12, 9, 10, 60, -1, 4]) {
      const outcome = authors(hash, days(day)).then(
        () => 'good',
        ({ code }) => code,
      )
      outcomes.push(await outcome)
    }
    t.equal(fetched, 1)
    return outcomes
  }
  const good = (count: number) => new Array<string>(count).fill('good')
  t.same(await judged([]), [...good(6), 'crl-stale', 'key-time', 'good'])
  const gone = 'certificate-revoked'
  const revoked = await judged([{ certificate, at: days(10) }])
  t.same(revoked, [...good(3), gone, 'good', gone, gone, 'key-time', 'good'])
})
