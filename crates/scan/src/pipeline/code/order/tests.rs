//! Sources in several languages and the order that they show, as a table.

use super::order;

fn check(source: &str, steps: &[&str], expected: &[(&str, &str)]) {
    let steps: Vec<_> = steps.iter().map(|&step| step.to_owned()).collect();
    let found = order(source, &steps);
    let found: Vec<_> = found.iter().map(|next| (&*next.from, &*next.to)).collect();
    assert_eq!(found, expected, "{source}");
}

#[test]
fn a_graph_that_the_file_builds_is_the_order() {
    check(
        r#"
graph.add_node("planner", plan)  # add_edge("x", "y")
graph.add_node("tools", ToolNode(tools))
graph.add_node(act)
graph.add_edge(START, "planner")
graph.add_edge("planner", "act")
graph.add_conditional_edges("act", route, {"again": "planner", "use": "tools"})
graph.add_edge("act", END)
plan(); act(); plan()
"#,
        &["plan", "act"],
        &[("plan", "act"), ("act", "plan"), ("act", "tools")],
    );
    check(
        "new StateGraph(S).addNode('a', first).addNode('b', second).addEdge('a', 'b');",
        &["first", "second"],
        &[("first", "second")],
    );
}

#[test]
fn calls_of_one_function_are_in_turn() {
    let python = "
def plan(q):
    return client.create(model='m')

def act(p):
    if p:
        return ask(p)

class Agent:
    def check(self, a):
        return 1

    async def run(self, q):
        # act(q) comes later
        p = plan(q)
        for one in p:
            a = await act(
                one,
            )
        return self.check(a)

if __name__ == '__main__':
    act(1)
";
    let steps = ["plan", "act", "Agent.check"];
    check(python, &steps, &[("plan", "act"), ("act", "Agent.check")]);
    let script = "
export async function plan(q: string): Promise<string> { return ask(q) }
const act = async (p: string) => { return ask(p) }
class Agent {
  async check(a: string): Promise<string> { if (a) { return a } return '' }
  async run(q: string) {
    const p = await plan(q); // check(p)
    const a = await act(p);
    return this.check(a);
  }
}
";
    check(script, &steps, &[("plan", "act"), ("act", "Agent.check")]);
    let go = "
func Plan(q string) string { return ask(q) }
func (a *Agent) Act(p string) string { return ask(p) }
func main() { p := Plan(\"Act(q)\"); new(Agent).Act(p) }
";
    check(go, &["Plan", "Act"], &[("Plan", "Act")]);
}

#[test]
fn a_step_that_calls_another_comes_before_it() {
    let source = "
def plan(q):
    x = ask(q)
    return act(x)

def act(p):
    return ask(p)
";
    check(source, &["plan", "act"], &[("plan", "act")]);
}

#[test]
fn what_shows_no_order_gives_none() {
    for source in [
        "",
        "def plan():\n    pass\ndef act():\n    pass\n",
        "def one():\n    plan()\ndef two():\n    act()\n",
        "text = 'plan(); act()'",
        "plan(plan(plan(",
        "\"'`((({{{)))",
    ] {
        check(source, &["plan", "act"], &[]);
    }
    // Two steps have the name, so a call says nothing.
    let shared = "def run():\n    a.ask()\n    b.ask()\n    act()\n";
    check(shared, &["A.ask", "B.ask", "act"], &[]);
}

proptest::proptest! {
    #[test]
    fn no_text_is_too_odd(source in "[-a-z_ (){}\\[\\]\"'`#/*=>.,:;\n\u{e9}]{0,200}") {
        let steps = ["a".to_owned(), "b".to_owned()];
        let _ = order(&source, &steps);
    }
}
