/** Debian's Chromium with the bundled SDK in one or two workers. */
import { bundleForBrowser, openPage } from '../../test/fixtures/chromium.ts'
import type { Contest, Measure } from '../harness/figure.ts'
import { MIB } from './bodies.ts'
import type { Page, Work } from './page.ts'

const SIZE = 64 * MIB
const RAW = 'raw libsodium, one worker'

/** Ours in one worker, and by two that share one body out; raw libsodium in one and in two, over as many bytes a worker. */
export async function* inChromium(work: 'seal' | 'open'): AsyncGenerator<Contest> {
  const { text } = await bundleForBrowser('bench/samples/page.ts')
  const ends: (() => unknown)[] = []
  const page = await openPage({ teardown: end => void ends.push(end) }, text)
  try {
    await page.evaluate(size => (globalThis as never as { coffre: Page }).coffre.prepare(2, size), SIZE)
    const speed =
      (work: Work, count: number): Measure =>
      async () => {
        const milliseconds = await page.evaluate(
          ([work, count]) => (globalThis as never as { coffre: Page }).coffre.measure(work, count),
          [work, count] as const,
        )
        return (SIZE * count) / 1e6 / (milliseconds / 1000)
      }
    const shared: Measure = async () => {
      const milliseconds = await page.evaluate(
        work => (globalThis as never as { coffre: Page }).coffre.measureShared(work),
        work,
      )
      return (SIZE * 2) / 1e6 / (milliseconds / 1000)
    }
    yield {
      sides: {
        coffre: speed(work, 1),
        [RAW]: speed(`raw ${work}`, 1),
        'coffre, two workers': shared,
        'raw libsodium, two workers': speed(`raw ${work}`, 2),
      },
      comparisons: [
        { of: 'coffre', against: RAW, target: { least: 0.8 } },
        { of: 'coffre, two workers', against: RAW, target: { least: 1.5 } },
        { of: 'coffre, two workers', against: 'raw libsodium, two workers' },
      ],
      rounds: 11, // Chromium's own threads make single rounds differ by a half
    }
  } finally {
    for (const end of ends) await end()
  }
}
