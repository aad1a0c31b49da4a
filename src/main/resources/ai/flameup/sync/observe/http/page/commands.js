// Sentences with their commands, each of which can be copied.

const MESSAGE_MS = 2_000;
const SQL = "ALTER|GRANT|CREATE|DROP|SELECT|VACUUM";
const COMMAND = new RegExp(`^(\\S*flameup-sync|'.*flameup-sync'|sudo|systemctl|psql|kubectl|docker|chmod|chown|${SQL}) `);
/** Errors end with SQL that is not between backticks. */
const BARE_SQL = new RegExp(`(?:^|: |run )((?:${SQL}) .*?)(?:, (?:and|or) .*)?\\.?$`);

/** The commands in a reason: those between backticks, and clauses of SQL without a placeholder. */
export function commandsIn(reason) {
  const parts = (reason ?? "").split("`");
  const bare = parts.filter((part, index) => index % 2 === 0).join("").split("; ");
  return [
    ...parts.filter((part, index) => index % 2 === 1 && COMMAND.test(part)),
    ...bare.map((clause) => BARE_SQL.exec(clause)?.[1]).filter((sql) => sql && !sql.includes("...")),
  ];
}

/** Fills an element with commands, and with a text whose commands are between backticks. Null is no text. */
export function say(home, text, commands = []) {
  // Otherwise a press on Copy would miss its button.
  const key = JSON.stringify([text, commands]);
  if (home.dataset.said === key) return;
  home.dataset.said = key;
  const named = commands.length === 0 ? [] : [paragraph("Named in the reason:"), ...commands.map(box)];
  home.replaceChildren(...named, ...(text === null ? [] : blocks(text)));
}

function blocks(text) {
  if (COMMAND.test(text)) return [paragraph("Run"), box(text)];
  const found = [];
  let line = paragraph("");
  const flush = () => /\w/.test(line.textContent) && found.push(line);
  text.split("`").forEach((part, index) => {
    if (index % 2 === 0) {
      const isStart = found.length > 0 && line.textContent === "";
      line.append(isStart ? part.replace(/^[,.;: ]+\w/, (start) => start.slice(-1).toUpperCase()) : part);
    } else if (COMMAND.test(part)) {
      flush();
      found.push(box(part));
      line = paragraph("");
    } else {
      const code = document.createElement("code");
      code.textContent = part;
      line.append(code);
    }
  });
  flush();
  return found;
}

function paragraph(text) {
  const line = document.createElement("p");
  line.append(text);
  return line;
}

function box(command) {
  const code = document.createElement("code");
  code.textContent = command;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy: ${command}`);
  button.addEventListener("click", () => copy(code, button));
  const line = document.createElement("div");
  line.className = "command";
  line.append(code, button);
  return line;
}

/** Without https or localhost there is no clipboard, so the text is selected instead. */
async function copy(code, button) {
  getSelection().selectAllChildren(code);
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Selected";
  }
  setTimeout(() => (button.textContent = "Copy"), MESSAGE_MS);
}
