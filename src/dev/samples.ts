import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32, deflateSync } from 'node:zlib'
import { Sheets } from '../paper/sheet.ts'
import { isThere, PRIVATE, put } from './files.ts'

/** The three files of the journey. */
export interface Samples {
  readonly letter: string
  readonly image: string
  readonly vaccination: string
}

/** One of the national examples of CDA documents (test/vectors/README.md says where it comes from). */
const CDA = fileURLToPath(new URL('../../test/vectors/cda/VAC_2023.01.xml', import.meta.url))

/** Makes the sample files that are not there yet. The same world gets the same bytes. */
export async function ensureSamples(folder: string, at: Date): Promise<Samples> {
  const samples = {
    letter: join(folder, 'lettre-de-consultation.pdf'),
    image: join(folder, 'radiographie-thorax.png'),
    vaccination: join(folder, 'vaccination.xml'),
  }
  if (!isThere(samples.letter)) put(samples.letter, await consultationLetter(at), PRIVATE)
  if (!isThere(samples.image)) put(samples.image, radiograph(), PRIVATE)
  if (!isThere(samples.vaccination)) copyFileSync(CDA, samples.vaccination)
  return samples
}

const LETTER = [
  'Chère consœur, cher confrère,',
  'J’ai vu ce jour Madame Camille GARNIER, 42 ans, pour une toux sèche persistant depuis trois semaines, sans fièvre ni altération de l’état général.',
  'L’auscultation retrouve quelques sibilants aux deux bases. La saturation est à 98 % en air ambiant, la fréquence respiratoire à 16 par minute. Le débit expiratoire de pointe est à 380 L/min.',
  'La radiographie du thorax jointe ne montre ni foyer ni épanchement.',
  'Je retiens un asthme léger probable. Salbutamol à la demande, corticoïde inhalé à faible dose pendant six semaines, puis exploration fonctionnelle respiratoire.',
  'Je reverrai Madame GARNIER dans six semaines, avant si l’essoufflement s’aggrave.',
  'Bien confraternellement,',
  'Docteur Élodie MARÉCHAL',
] as const

/** A letter after a consultation, one page of PDF/A. Everything in it is invented. */
async function consultationLetter(at: Date): Promise<Uint8Array> {
  const createdAt = new Date(`${at.toISOString().slice(0, 10)}T09:00:00.000Z`)
  const sheets = new Sheets({ title: 'Lettre de consultation', lang: 'fr', author: 'Dr Élodie MARÉCHAL', createdAt })
  sheets.page()
  const x = 25
  const width = 160
  let y = sheets.text('Docteur Élodie MARÉCHAL', { font: 'bold', size: 13, x, y: 25, width })
  y = sheets.text('Médecin généraliste\n21 quai Claude-Bernard\n69007 LYON', { size: 11, x, y, width }) + 12
  y = sheets.text('Lettre de consultation', { font: 'bold', size: 18, x, y, width, tag: 'H1' }) + 6
  for (const paragraph of LETTER) y = sheets.text(paragraph, { size: 11.5, x, y, width }) + 4
  return sheets.finish()
}

/** 5120 × 4096 grey pixels: 20 MiB, as a digital radiograph has. */
const WIDTH = 5120
const HEIGHT = 4096

/**
 * A PNG of a grey disc in noise, its pixels stored and not compressed, so that it has the size, and hardly less disorder
 * than, a real radiograph. The same bytes each time.
 */
export function radiograph(width = WIDTH, height = HEIGHT): Uint8Array {
  const rows = new Uint8Array(height * (width + 1)) // each row begins with its filter, 0
  let noise = 0x2545f491
  for (let y = 0; y < height; y++) {
    const row = y * (width + 1) + 1
    const dy = (2 * y) / height - 1
    for (let x = 0; x < width; x++) {
      // xorshift32 (Marsaglia 2003): fast, and the same everywhere
      noise ^= noise << 13
      noise ^= noise >>> 17
      noise ^= noise << 5
      const dx = (2 * x) / width - 1
      rows[row + x] = Math.max(0, 150 - 120 * (dx * dx + dy * dy)) + ((noise >>> 8) & 0x3f)
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 0, 0, 0, 0], 8) // 8 bits of grey, deflate, no filter method but 0, not interlaced
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 0 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** A PNG chunk: length, type, data, CRC-32 of type and data. */
function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  framed.set(body, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}
