package dev.backstitch.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MermaidTest {
    @Test
    void aBackfill_isAChainInAFrame() {
        assertThat(Mermaid.of(Dags.ofOne())).isEqualTo("""
                flowchart LR
                    subgraph b0["flights_delay_class"]
                        direction LR
                        t0["scope<br/>scope"]
                        t1["shadow<br/>shadow"]
                        t2["merge<br/>merge, 31 partitions"]
                        t3["audit<br/>audit"]
                        t4["publish<br/>publish"]
                    end
                    t0 --> t1
                    t1 --> t2
                    t2 --> t3
                    t3 --> t4
                """);
    }

    @Test
    void samePartition_isDotted_andWhatIsPublishedTogetherIsInNoFrame() {
        assertThat(Mermaid.of(Dags.together())).isEqualTo("""
                flowchart LR
                    subgraph b0["costs"]
                        direction LR
                        t0["costs.scope<br/>scope"]
                        t1["costs.shadow<br/>shadow"]
                        t2["costs.merge<br/>merge, 3 partitions"]
                        t3["costs.audit<br/>audit"]
                    end
                    subgraph b1["orders"]
                        direction LR
                        t4["orders.scope<br/>scope"]
                        t5["orders.shadow<br/>shadow"]
                        t6["orders.merge<br/>merge, 3 partitions"]
                        t7["orders.audit<br/>audit"]
                    end
                    t8["costs+orders.publish<br/>publish"]
                    t9["notify<br/>call"]
                    t0 --> t1
                    t1 --> t2
                    t2 --> t3
                    t4 --> t5
                    t5 --> t6
                    t2 -.-> t6
                    t6 --> t7
                    t3 --> t8
                    t7 --> t8
                    t8 --> t9
                """);
    }

    @Test
    void names_areShown_andNeverUnderstood() {
        assertThat(Mermaid.of(Dags.hostile()).lines())
                .hasSize(12)
                .startsWith(
                        "flowchart LR",
                        "    subgraph b0[\"a#34;b#60;c#62;#38;d\"]",
                        "        direction LR",
                        "        t0[\"a#34;b#60;c#62;#38;d.scope<br/>scope\"]",
                        "        t1[\"end#10;#10216;001b#10217;#10216;202e#10217;#10216;d800#10217;#10216;ffff#10217;"
                                + "#93;#93;#62;<br/>merge\"]",
                        "    end",
                        "    t2[\"#123;#123;dag#125;#125;#60;script#62;alert#40;#39;x#39;#41;#60;#47;script#62;--#62;"
                                + "#96;#42;#42;1#42;#42;#96;#35;#59;#37;#37;<br/>call\"]")
                .endsWith("    t0 --> t1", "    t1 --> t2", "    t0 --> t3", "    t2 --> t3");
    }
}
