/** How cells are written and read, for `docs/datasets.md`. The recipes were run on the golden files (`test/golden/sinks`). */
export const readingLines: readonly string[] = `
## Cells

Files are UTF-8 CSV by RFC 4180: a header line, lines end in \`\\n\`, a cell with a comma, a quote or a line end is quoted, a quote in it is doubled. \`dialect\` says how values are written:

| type    | \`plain\` (default)                                              | \`torus\`: as the Spark job wrote them                                                                            |
| ------- | -------------------------------------------------------------- | --------------------------------------------------------------------------------------------------------------- |
| text    | as it is; ids are text, even where they look like numbers      | the same                                                                                                        |
| number  | decimal point; large and small ones with an exponent (\`1e+16\`) | the same                                                                                                        |
| time    | UTC, always with six digits: \`2024-09-02T18:24:00.000000Z\`     | UTC; six digits only where there is a fraction: \`2024-09-02T18:24:00Z\`                                          |
| JSON    | the JSON text                                                  | JSON as Python prints it (ASCII only), in one more pair of quotes, which is part of the cell                    |
| list    | a JSON array                                                   | the items joined by commas, in one more pair of quotes; an item that has a comma itself cannot be told from two |
| missing | an empty cell, also for a JSON \`null\` and an empty text        | an empty cell; \`"null"\` for the \`response\` and \`feedback\` of a part attempt                                     |

No cell says \`NA\`, \`NaN\` or \`NULL\` for a missing value; a section, a page or an answer may be called so. Readers that guess types read \`007\` as 7 and such names as missing: the recipes read text, and convert what is to be
converted. JSON may have half of a surrogate pair (\`"\\ud83d"\`) where a sender cut an emoji in two.

## Reading

\`tributary dataset download attempts --to data\` into an empty folder: files of an earlier download, which have become part of larger ones since, would count twice. Of the kind \`attempt_evaluated\`; other kinds have other columns.

pandas (run with 3.1.1), \`plain\`:

\`\`\`python
import glob, json
import pandas as pd

files = sorted(glob.glob('data/attempts/**/*.csv', recursive=True))
parts = [pd.read_csv(file, dtype=str, keep_default_na=False, na_values=['']) for file in files]
rows = pd.concat(parts, ignore_index=True)
rows['timestamp'] = pd.to_datetime(rows['timestamp'])
for column in ['score', 'out_of']:
    rows[column] = pd.to_numeric(rows[column])
for column in ['response', 'feedback', 'hints', 'attached_objectives']:
    rows[column] = rows[column].map(json.loads, na_action='ignore')
\`\`\`

\`torus\`: \`pd.to_datetime(rows['timestamp'], format='ISO8601')\`, and without the outer quotes \`rows['response'].map(lambda cell: json.loads(cell[1:-1]), na_action='ignore')\`; a list is \`cell[1:-1].split(',')\`, where an empty one gives one empty text.

DuckDB (run with 2.0.1), \`plain\`:

\`\`\`sql
select * replace (
  timestamp::timestamptz as timestamp,
  score::double as score,
  case when json_valid(response) then response::json end as response, -- DuckDB refuses half of a surrogate pair
  hints::json as hints)
from read_csv('data/attempts/**/*.csv', all_varchar = true, header = true, quote = '"', escape = '"');
\`\`\`

\`torus\`: \`response[2:-2]\` and \`hints[2:-2]\` are the cells without the outer quotes; \`string_split(hints[2:-2], ',')\` is the list.

R (run with 4.2.2), \`plain\`:

\`\`\`r
files <- list.files("data/attempts", "[.]csv$", recursive = TRUE, full.names = TRUE)
read <- function(file) read.csv(file, colClasses = "character", na.strings = "", check.names = FALSE, encoding = "UTF-8")
rows <- do.call(rbind, lapply(files, read))
rows$timestamp <- as.POSIXct(rows$timestamp, format = "%Y-%m-%dT%H:%M:%OSZ", tz = "UTC")
rows$score <- as.numeric(rows$score)
rows$response <- lapply(rows$response, function(cell) if (!is.na(cell)) jsonlite::fromJSON(cell, simplifyVector = FALSE))
\`\`\`

\`torus\`: the time as above (\`%OS\` reads seconds with and without a fraction); \`substr(cell, 2, nchar(cell) - 1)\` is the cell without the outer quotes.
`
  .trim()
  .split('\n')
