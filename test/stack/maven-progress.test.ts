import { MavenProgress } from '../../stack/maven-progress.js'

const wanted = new Map([
  ['kafka_2.13-4.3.1.jar', 6_000_000],
  ['zstd-jni-1.5.6-3.jar', 7_000_000],
])

test('finished files count in full, files on their way by what Maven says', () => {
  const progress = new MavenProgress(wanted)
  progress.feed('[INFO] Scanning for projects...\nDownloading from mirror: x://host/org/kafka_2.13-4.3.1.jar\n')
  expect(progress.bytes()).toBe(0)
  progress.feed('Progress (2): 1.5/6.0 MB | 812 kB\r')
  expect(progress.bytes()).toBe(2_312_000)
  progress.feed('Downloaded from mirror: x://host/org/kafka_2.13-4.3.1.jar (6.0 MB at 20 MB/s)\n')
  expect(progress.bytes()).toBe(6_000_000)
  progress.feed('Downloaded from mirror: x://host/org/some.pom (2.0 kB at 1.0 MB/s)\n')
  expect(progress.bytes()).toBe(6_000_000)
})

test('a line may come in pieces, and more than all is never said', () => {
  const progress = new MavenProgress(wanted)
  progress.feed('Progress (1): 3.0')
  expect(progress.bytes()).toBe(0)
  progress.feed('/6.0 MB\rProgress (1): zstd-jni-1.5.6-3.jar (90/99 MB)\r')
  expect(progress.bytes()).toBe(13_000_000)
})
