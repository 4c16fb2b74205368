//! The files of the demonstration: a small control plane on which three tracks work.

/// What the target holds before anybody begins.
pub const BASE: &[(&str, &str)] = &[
    ("README.md", "# Control plane\n\nRegisters agents, renders their templates and runs their pipelines.\n"),
    ("tracks.toml", POLICY),
    ("api/server.ts", SERVER),
    ("api/agents/types.ts", TYPES),
    ("builder/templates/base.html", "<main>\n  <slot name=\"title\"></slot>\n  <slot name=\"body\"></slot>\n</main>\n"),
    ("packages/shared/log.ts", "export const log = (line: string) => console.log(line);\n"),
    (
        "supabase/migrations/20241001080000_init.sql",
        "create table templates (\n  id uuid primary key,\n  name text not null\n);\n",
    ),
];

/// The policy of the demonstration; the templates of `[naming]` are the default.
const POLICY: &str = r#"target = "main"
phase = "phase-1"

[tracks.registry]
title = "Agent registry"
agent = "alpha"
owns = ["api/agents/**", "scripts/registry/**"]
priority = 1

[tracks.templates]
title = "Template fields"
agent = "beta"
owns = ["builder/templates/**"]
priority = 2

[tracks.pipeline]
title = "Shared packages and pipelines"
agent = "gamma"
owns = ["packages/shared/**", ".github/workflows/**", "docs/**"]
priority = 3

# Every track adds its routes here.
[shared.routes]
paths = ["api/server.ts"]
mode = "open"

[shared.migrations]
paths = ["supabase/migrations/**"]
mode = "open"

[rules.file-size]
max-lines = 300

[rules.migrations]
preset = "supabase"
"#;

const SERVER: &str = r#"import { serve } from "./http";
import { health } from "./health";

// Every route of the API, in the order in which it is matched.
export const routes = {
  "/health": health,
};

export function start(port: number) {
  return serve(routes, port);
}
"#;

const TYPES: &str = r#"export interface Agent {
  id: string;
  name: string;
}

export interface AgentVersion {
  agent: string;
  version: number;
}

export type AgentState = "draft" | "active";
"#;

/// What the registry commits.
pub const REGISTRY: &[(&str, &str)] = &[
    ("api/server.ts", REGISTRY_SERVER),
    ("api/agents/registry.ts", REGISTRY_MODULE),
    ("api/agents/types.ts", REGISTRY_TYPES),
    (
        "supabase/migrations/20241002090000_agent_registry.sql",
        "create table agent_registry (\n  id uuid primary key,\n  name text not null unique\n);\n",
    ),
];

const REGISTRY_SERVER: &str = r#"import { serve } from "./http";
import { health } from "./health";
import { listAgents } from "./agents/registry";

// Every route of the API, in the order in which it is matched.
export const routes = {
  "/health": health,
  "/agents": listAgents,
};

export function start(port: number) {
  return serve(routes, port);
}
"#;

const REGISTRY_MODULE: &str = r#"import type { Agent } from "./types";

const agents = new Map<string, Agent>();

export const listAgents = () => [...agents.values()];
"#;

const REGISTRY_TYPES: &str = r#"export interface Agent {
  id: string;
  name: string;
}

export interface AgentVersion {
  agent: string;
  version: number;
}

export type AgentState = "draft" | "active" | "retired";
"#;

/// What the templates commit.
pub const TEMPLATES: &[(&str, &str)] = &[
    ("api/server.ts", TEMPLATES_SERVER),
    ("builder/templates/card.html", "<article>\n  <slot name=\"title\"></slot>\n</article>\n"),
    (
        "supabase/migrations/20241002090000_template_fields.sql",
        "alter table templates add column fields jsonb not null default '{}';\n",
    ),
];

const TEMPLATES_SERVER: &str = r#"import { serve } from "./http";
import { health } from "./health";
import { render } from "../builder/render";

// Every route of the API, in the order in which it is matched.
export const routes = {
  "/health": health,
  "/templates/:id": render,
};

export function start(port: number) {
  return serve(routes, port);
}
"#;

/// What the pipeline commits: its own ground, and the registry's types.
pub const PIPELINE: &[(&str, &str)] = &[
    (
        ".github/workflows/check.yml",
        "name: check\non: push\njobs:\n  check:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm test\n",
    ),
    ("api/agents/types.ts", PIPELINE_TYPES),
];

const PIPELINE_TYPES: &str = r#"export interface Agent {
  id: string;
  name: string;
  pipeline?: string;
}

export interface AgentVersion {
  agent: string;
  version: number;
}

export type AgentState = "draft" | "active";
"#;

/// The file that the pipeline has not committed yet, and that has grown too long.
pub const LONG_FILE: &str = "packages/shared/search.ts";

/// Its content: 340 lines, each a fact of its own.
pub fn long_file() -> String {
    let line = |number: usize| format!("export const weight{number} = {};\n", number * 7 % 100);
    (1..=340).map(line).collect()
}
