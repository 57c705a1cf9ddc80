// What a page can have its browser send to a service, each by its name. Each gives back what the page
// got to read of the answer, which is nothing where the browser or the service is in the way.

const NUMBER = "6281234567000";
const ONE = `/v1/validation?type=analysis&phone_number=${NUMBER}`;
const LIST = JSON.stringify({ type: "analysis", phone_numbers: [NUMBER] });
const BATCHES = "/v1/batches?type=analysis";
const BATCH = "/v1/batches/00000000-0000-0000-0000-000000000000";
const TEXT = { "Content-Type": "text/plain" };

const read = async (answer) => (answer.status || "") + (await answer.text());

const loaded = (tag, name, more = {}) => (at) =>
  new Promise((done) => {
    const element = Object.assign(document.createElement(tag), more);
    element.onload = element.onerror = () => done("");
    element[name] = at + ONE;
    document.body.append(element);
  });

const sent = (method, enctype, path, fields) => (at) =>
  new Promise((done) => {
    const frame = Object.assign(document.createElement("iframe"), { name: `frame${Math.random()}` });
    document.body.append(frame);
    const form = Object.assign(document.createElement("form"), { method, enctype, target: frame.name });
    form.action = at + path;
    for (const [name, value] of Object.entries(fields)) {
      form.append(Object.assign(document.createElement("input"), { name, value }));
    }
    document.body.append(form);
    frame.onload = () => done("");
    form.submit();
  });

const requests = {
  "GET one": [ONE, {}],
  "GET usage": ["/v1/usage", {}],
  "GET /": ["/", {}],
  "POST list": ["/v1/validation", { method: "POST", body: LIST, headers: TEXT }],
  "POST JSON": [
    "/v1/validation", { method: "POST", body: LIST, headers: { "Content-Type": "application/json" } },
  ],
  "POST list without a type": ["/v1/validation", { method: "POST", body: new Blob([LIST]) }],
  "POST stream": ["/v1/stream?type=analysis", { method: "POST", body: NUMBER, headers: TEXT }],
  "POST batch": [BATCHES, { method: "POST", body: new URLSearchParams({ file: NUMBER }) }],
  "POST cancel": [`${BATCH}/cancel`, { method: "POST" }],
  DELETE: [BATCH, { method: "DELETE" }],
};

window.attempts = {
  "form data": async (at) => {
    const body = new FormData();
    body.append("file", new Blob([NUMBER]), "a.txt");
    return read(await fetch(at + BATCHES, { method: "POST", mode: "no-cors", body }));
  },
  beacon: async (at) => {
    navigator.sendBeacon(`${at}/v1/validation`, new Blob([LIST], { type: "text/plain" }));
    navigator.sendBeacon(at + BATCHES, NUMBER);
    return "";
  },
  "event source": (at) =>
    new Promise((done) => {
      const source = new EventSource(`${at}${BATCH}/events`);
      source.onopen = () => done("open");
      source.onerror = () => done(source.close() || "");
    }),
  "web socket": (at) =>
    new Promise((done) => {
      const socket = new WebSocket(at.replace("http", "ws") + ONE);
      socket.onopen = () => done("open");
      socket.onerror = () => done("");
    }),
  request: (at) =>
    new Promise((done) => {
      const request = new XMLHttpRequest();
      request.onload = () => done(request.status + request.responseText);
      request.onerror = () => done("");
      request.open("GET", at + ONE);
      request.send();
    }),
  sandbox: (at) =>
    new Promise((done) => {
      const frame = Object.assign(document.createElement("iframe"), { sandbox: "allow-scripts" });
      const asked = `fetch("${at}${ONE}", {mode: "no-cors"}).finally(() => parent.postMessage("", "*"))`;
      frame.srcdoc = `<script>${asked}</${"script>"}`;
      addEventListener("message", () => done(""), { once: true });
      document.body.append(frame);
    }),
  redirect: async (at) => read(await fetch(`/away?to=${encodeURIComponent(at + ONE)}`)),
  "redirected POST": async (at) => {
    const to = `/away?to=${encodeURIComponent(`${at}/v1/validation`)}`;
    return read(await fetch(to, { method: "POST", mode: "no-cors", body: LIST, headers: TEXT }));
  },
  image: loaded("img", "src"),
  script: loaded("script", "src"),
  frame: loaded("iframe", "src"),
  object: loaded("object", "data"),
  "style sheet": loaded("link", "href", { rel: "stylesheet" }),
  "form of text": sent("post", "text/plain", "/v1/validation", { [`${LIST.slice(0, -1)},"x": "`]: '"}' }),
  form: sent("post", "application/x-www-form-urlencoded", BATCHES, { file: NUMBER }),
  "form of parts": sent("post", "multipart/form-data", BATCHES, { file: NUMBER }),
  "form that asks": sent("get", "", "/v1/validation", { type: "analysis", phone_number: NUMBER }),
};
for (const [name, [path, options]] of Object.entries(requests)) {
  for (const mode of ["cors", "no-cors"]) {
    for (const credentials of ["omit", "include"]) {
      window.attempts[`${name} ${mode} ${credentials}`] = async (at) =>
        read(await fetch(at + path, { ...options, mode, credentials }));
    }
  }
}
