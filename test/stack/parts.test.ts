import { installLines } from '../../stack/install-lines.js'
import { s3proxyProperties } from '../../stack/object-store.js'
import { jvm } from '../../stack/part.js'
import { propertyValue } from '../../stack/property-value.js'
import { registrySettings } from '../../stack/registry.js'
import { signListBuckets } from '../../stack/s3-signature.js'
import { newState, servicesOf, withPart } from '../../stack/state.js'

test('the registry listens on this machine only, its management interface too', () => {
  const settings = new Map(registrySettings({ http: 21_002, management: 21_003 }))
  expect([settings.get('quarkus.http.host'), settings.get('quarkus.management.host')]).toEqual(['127.0.0.1', '127.0.0.1'])
  expect([settings.get('quarkus.http.port'), settings.get('quarkus.management.port')]).toEqual([21_002, 21_003])
  expect(settings.get('apicurio.datasource.url')).toMatch(/;WRITE_DELAY=0$/)
  expect(settings.get('apicurio.rules.global.compatibility')).toBe('BACKWARD')
})

test('the object store takes the credentials of this data folder only', () => {
  expect(
    s3proxyProperties({ port: 21_004, credentials: { accessKeyId: 'me', secretAccessKey: 'hidden' }, folder: '/home/zoë/my data/s3proxy' }),
  ).toBe(`s3proxy.endpoint=http://127.0.0.1:21004
s3proxy.authorization=aws-v2-or-v4
s3proxy.identity=me
s3proxy.credential=hidden
s3proxy.v4-max-non-chunked-request-size=67108864
jclouds.provider=filesystem-nio2
jclouds.filesystem.basedir=/home/zo\\u00eb/my data/s3proxy
jclouds.regions=us-east-1
`)
})

test('a value of a properties file keeps its blanks, backslashes and letters', () => {
  expect(propertyValue('/plain/path')).toBe('/plain/path')
  expect(propertyValue(' a\\b')).toBe('\\ a\\\\b')
  expect(propertyValue('/home/zoë/😀')).toBe('/home/zo\\u00eb/\\ud83d\\ude00')
})

test('only a quick start leaves out the second compiler', () => {
  const launch = { archive: '/c/a.jsa', temporary: '/d/tmp' }
  expect(jvm({ heapMb: 256, launch, quick: true })).toContain('-XX:TieredStopAtLevel=1')
  expect(jvm({ heapMb: 256, launch, quick: false })).not.toContain('-XX:TieredStopAtLevel=1')
})

test('a signed request is the one that the AWS documentation prescribes', () => {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
  const headers = signListBuckets('127.0.0.1:9000', 'us-east-1', credentials, new Date('2026-11-22T04:30:15.250Z'))
  expect(headers['x-amz-date']).toBe('20261122T043015Z')
  expect(headers['x-amz-content-sha256']).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  expect(headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20261122\/us-east-1\/s3\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=[0-9a-f]{64}$/,
  )
})

test('services are made from the state; a part that was never started has empty values', () => {
  const state = withPart(newState(), 'kafka', {
    kind: 'kafka',
    version: '4.3.1',
    ports: { client: 21_000, controller: 21_001 },
    process: null,
  })
  expect(servicesOf(state)).toMatchObject({
    brokers: ['127.0.0.1:21000'],
    registry: '',
    s3: { endpoint: '', region: 'us-east-1', accessKeyId: 'tributary' },
  })
  const all = withPart(withPart(state, 's3', { kind: 's3proxy', version: '4.0.0', ports: { http: 21_004 }, process: null }), 'registry', {
    kind: 'apicurio',
    version: '3.3.3',
    ports: { http: 21_002, management: 21_003 },
    process: null,
  })
  expect(servicesOf(all)).toMatchObject({ registry: 'http://127.0.0.1:21002/apis/ccompat/v7', s3: { endpoint: 'http://127.0.0.1:21004' } })
})

test('one line per system installs all that is missing', () => {
  expect(installLines([])).toBeNull()
  expect(installLines(['java', 'maven'])).toEqual({
    debian: 'sudo apt-get install -y python3-pip maven',
    fedora: 'sudo dnf install -y java-latest-openjdk-headless maven',
    macos: 'brew install openjdk maven',
  })
})
