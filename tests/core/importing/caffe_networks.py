"""The networks of Caffe's model zoo, written out in the styles that its files have."""

from __future__ import annotations

OLD = {
    "Convolution": "CONVOLUTION",
    "InnerProduct": "INNER_PRODUCT",
    "Pooling": "POOLING",
    "ReLU": "RELU",
    "SoftmaxWithLoss": "SOFTMAX_LOSS",
}
"""Types whose old names are more than capitals."""

FILLERS = 'weight_filler { type: "xavier" std: 0.01 } bias_filler { type: "constant" value: 0.2 }'


class Written:
    """A network that is written layer by layer.

    Parameters
    ----------
    name : str
    old : bool
        In the format of 2014: `layers { type: CONVOLUTION }`.
    filled : bool
        As files that train have it: with learning rates and fillers.
    """

    def __init__(self, name, *, old=False, filled=False):
        self.text = f'name: "{name}"\n'
        self.old, self.filled = old, filled
        self.last = "data"

    def layer(self, name, kind, said="", *, bottoms=None, top=None):
        """Write a layer; without bottoms it reads the last one, and that is its top where it is computed in place."""
        bottoms = [self.last] if bottoms is None else bottoms
        top = name if top is None else top
        word, kind = ("layers", OLD.get(kind, kind.upper())) if self.old else ("layer", f'"{kind}"')
        blobs = "".join(f'  bottom: "{bottom}"\n' for bottom in bottoms)
        tops = f'  top: "{top}"\n' if top else ""
        self.text += f'{word} {{\n  name: "{name}"\n  type: {kind}\n{blobs}{tops}{said}}}\n'
        self.last = top or self.last

    def conv(self, name, filters, size, *, relu=None, bias=True, **more):
        """Write a convolution, and its ReLU in place; none where that has the name ""."""
        fields = {"num_output": filters, "kernel_size": size, **more}
        if not bias:
            fields["bias_term"] = "false"
        self.layer(name, "Convolution", self._learned("convolution_param", fields))
        if relu != "":
            self.layer(relu or f"relu_{name}", "ReLU", top=self.last)

    def dense(self, name, units, *, relu=False, dropout=0):
        """Write a dense layer, with what follows it in place."""
        self.layer(name, "InnerProduct", self._learned("inner_product_param", {"num_output": units}))
        if relu:
            self.layer(f"relu_{name}", "ReLU", top=name)
        if dropout:
            self.dropout(f"drop_{name}", dropout)

    def pool(self, name, size, stride=1, how="MAX", **more):
        """Write a pool."""
        fields = {"pool": how, "kernel_size": size, "stride": stride, **more}
        self.layer(name, "Pooling", _message("pooling_param", fields))

    def global_pool(self, name):
        """Write a mean over the whole image."""
        self.layer(name, "Pooling", _message("pooling_param", {"pool": "AVE", "global_pooling": "true"}))

    def dropout(self, name, ratio=0.5):
        """Write a dropout in place."""
        self.layer(name, "Dropout", _message("dropout_param", {"dropout_ratio": ratio}), top=self.last)

    def lrn(self, name, size=5, alpha=0.0001, **more):
        """Write a normalisation across channels."""
        self.layer(name, "LRN", _message("lrn_param", {"local_size": size, "alpha": alpha, "beta": 0.75, **more}))

    def softmax(self, name="prob"):
        """Write the probabilities."""
        self.layer(name, "Softmax")

    def losses(self, name="loss", n_accuracies=1, weight=""):
        """Write what a file that trains ends with."""
        scores = self.last
        test = "  include { phase: TEST }\n" if not self.old else "  include: { phase: TEST }\n"
        for i in range(n_accuracies):
            said = test + (_message("accuracy_param", {"top_k": 5}) if i else "")
            self.layer(f"accuracy{i or ''}", "Accuracy", said, bottoms=[scores, "label"])
        self.layer(name, "SoftmaxWithLoss", weight, bottoms=[scores, "label"])
        self.last = scores

    def _learned(self, param, fields):
        if not self.filled:
            return _message(param, fields)
        rates = (
            "  blobs_lr: 1\n  blobs_lr: 2\n  weight_decay: 1\n  weight_decay: 0\n"
            if self.old
            else "  param { lr_mult: 1 decay_mult: 1 }\n  param { lr_mult: 2 decay_mult: 0 }\n"
        )
        return rates + _message(param, fields, FILLERS)


def _message(name, fields, more=""):
    said = "".join(f"    {key}: {value}\n" for key, value in fields.items())
    return f"  {name} {{\n{said}    {more}\n  }}\n" if more else f"  {name} {{\n{said}  }}\n"


# --- What goes in: six ways to say it ---------------------------------------------------------------------------------


def input_dims(net, depth, side):
    """Say the size by four numbers before the layers."""
    net.text += f'input: "data"\ninput_dim: 10\ninput_dim: {depth}\ninput_dim: {side}\ninput_dim: {side}\n'


def input_shape(net, depth, side):
    """Say the size by a shape before the layers."""
    net.text += f'input: "data"\ninput_shape {{\n  dim: 1\n  dim: {depth}\n  dim: {side}\n  dim: {side}\n}}\n'


def input_layer(net, depth, side):
    """Say the size in a layer."""
    dims = f"dim: 10 dim: {depth} dim: {side} dim: {side}"
    net.text += (
        f'layer {{\n  name: "data"\n  type: "Input"\n  top: "data"\n  input_param {{ shape: {{ {dims} }} }}\n}}\n'
    )


def databases(net, depth, side):
    """Read databases, cut to a size."""
    means = "".join(f"    mean_value: {100 + i}\n" for i in range(depth))
    for phase, mirror in (("TRAIN", "true"), ("TEST", "false")):
        kind, word = ("DATA", "layers") if net.old else ('"Data"', "layer")
        net.text += (
            f'{word} {{\n  name: "data"\n  type: {kind}\n  top: "data"\n  top: "label"\n'
            f"  include {{ phase: {phase} }}\n"
            f"  transform_param {{\n    mirror: {mirror}\n    crop_size: {side}\n{means}  }}\n"
            f'  data_param {{ source: "{phase}_lmdb" batch_size: 32 backend: LMDB }}\n}}\n'
        )


def whole_databases(net, depth, side):
    """Read databases whose samples are taken as they are; their size stands there alone."""
    for phase in ("TRAIN", "TEST"):
        net.text += (
            'layer {\n  name: "cifar"\n  type: "Data"\n  top: "data"\n  top: "label"\n'
            f"  include {{\n    phase: {phase}\n"
            '  }\n  transform_param {\n    mean_file: "mean.binaryproto"\n  }\n'
            '  data_param {\n    source: "lmdb"\n    batch_size: 100\n    backend: LMDB\n  }\n}\n'
        )


# --- Networks ---------------------------------------------------------------------------------------------------------


def _end(net, enter):
    if enter in (databases, whole_databases):
        net.losses()
    else:
        net.softmax()
    return net.text


def lenet(enter=input_layer):
    """Write LeCun's network as Caffe's example for MNIST has it."""
    net = Written("LeNet", filled=True)
    enter(net, 1, 28)
    net.conv("conv1", 20, 5, relu="", stride=1)
    net.pool("pool1", 2, 2)
    net.conv("conv2", 50, 5, relu="", stride=1)
    net.pool("pool2", 2, 2)
    net.dense("ip1", 500, relu=True)
    net.dense("ip2", 10)
    return _end(net, enter)


def cifar10(enter=input_layer, *, full=False):
    """Write Krizhevsky's small networks for CIFAR-10."""
    net = Written("CIFAR10_full" if full else "CIFAR10_quick", filled=True)
    enter(net, 3, 32)
    for i, (filters, how) in enumerate([(32, "MAX"), (32, "AVE"), (64, "AVE")], start=1):
        net.conv(f"conv{i}", filters, 5, relu="" if i == 1 else None, pad=2, stride=1)
        net.pool(f"pool{i}", 3, 2, how)
        if i == 1:
            net.layer("relu1", "ReLU", top="pool1")
        if full and i < 3:
            net.lrn(f"norm{i}", 3, 5e-05, norm_region="WITHIN_CHANNEL")
    if not full:
        net.dense("ip1", 64)
    net.dense("ip2", 10)
    return _end(net, enter)


def nin_cifar10(enter=input_dims):
    """Write Lin's network in network for CIFAR-10."""
    net = Written("CIFAR10_NIN_deploy", old=True, filled=True)
    enter(net, 3, 32)
    for stage, (size, filters) in enumerate([(5, (192, 160, 96)), (5, (192, 192, 192)), (3, (192, 192, 10))]):
        net.conv(f"conv{stage + 1}", filters[0], size, pad=size // 2)
        for i in (1, 2):
            net.conv(f"cccp{2 * stage + i}", filters[i], 1, group=1)
        if stage < 2:
            net.pool(f"pool{stage + 1}", 3, 2, ("MAX", "AVE")[stage])
            net.dropout(f"drop{3 * stage + 3}")
    net.pool("pool3", 8, 1, "AVE")
    return _end(net, enter)


def nin_imagenet(enter=databases):
    """Write the network in network for ImageNet."""
    net = Written("nin_imagenet", old=True, filled=True)
    enter(net, 3, 224)
    stages = [
        (11, 96, {"stride": 4}, ("conv1", "cccp1", "cccp2"), 96),
        (5, 256, {"pad": 2, "stride": 1}, ("conv2", "cccp3", "cccp4"), 256),
        (3, 384, {"pad": 1, "stride": 1}, ("conv3", "cccp5", "cccp6"), 384),
        (3, 1024, {"pad": 1, "stride": 1}, ("conv4-1024", "cccp7-1024", "cccp8-1024"), 1000),
    ]
    for size, filters, more, names, last in stages:
        net.conv(names[0], filters, size, **more)
        net.conv(names[1], filters, 1, stride=1)
        net.conv(names[2], last, 1, stride=1)
        if last == 384:
            net.pool("pool3", 3, 2)
            net.dropout("drop")
        elif last == 1000:
            net.pool("pool4", 6, 1, "AVE")
        else:
            net.pool(f"pool{2 if last == 256 else 0}", 3, 2)
    return _end(net, enter)


def vgg(n_convolutions, enter=input_dims, *, old=True):
    """Write a network of Simonyan and Zisserman, with 16 or 19 layers that learn."""
    deep = {16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}[n_convolutions]
    net = Written(f"VGG_ILSVRC_{n_convolutions}_layers", old=old)
    enter(net, 3, 224)
    for stage, (n, filters) in enumerate(zip(deep, (64, 128, 256, 512, 512), strict=True), start=1):
        for i in range(1, n + 1):
            net.conv(f"conv{stage}_{i}", filters, 3, pad=1)
        net.pool(f"pool{stage}", 2, 2)
    net.dense("fc6", 4096, relu=True, dropout=0.5)
    net.dense("fc7", 4096, relu=True, dropout=0.5)
    net.dense("fc8", 1000)
    return _end(net, enter)


def caffenet(enter=input_layer, *, alexnet=False):
    """Write Caffe's reference network, or Krizhevsky's, which normalises before it pools."""
    net = Written("AlexNet" if alexnet else "CaffeNet", filled=enter is databases)
    enter(net, 3, 227)
    for i, (filters, size, more) in enumerate([(96, 11, {"stride": 4}), (256, 5, {"pad": 2, "group": 2})], start=1):
        net.conv(f"conv{i}", filters, size, **more)
        if alexnet:
            net.lrn(f"norm{i}")
        net.pool(f"pool{i}", 3, 2)
        if not alexnet:
            net.lrn(f"norm{i}")
    net.conv("conv3", 384, 3, pad=1)
    net.conv("conv4", 384, 3, pad=1, group=2)
    net.conv("conv5", 256, 3, pad=1, group=2)
    net.pool("pool5", 3, 2)
    net.dense("fc6", 4096, relu=True, dropout=0.5)
    net.dense("fc7", 4096, relu=True, dropout=0.5)
    net.dense("fc8", 1000)
    return _end(net, enter)


_INCEPTION = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


def googlenet(enter=input_layer):
    """Write Szegedy's network; where it trains, with its two auxiliary classifiers."""
    net = Written("GoogleNet", filled=True)
    enter(net, 3, 224)
    net.conv("conv1/7x7_s2", 64, 7, pad=3, stride=2, relu="conv1/relu_7x7")
    net.pool("pool1/3x3_s2", 3, 2)
    net.lrn("pool1/norm1")
    net.conv("conv2/3x3_reduce", 64, 1, relu="conv2/relu_3x3_reduce")
    net.conv("conv2/3x3", 192, 3, pad=1, relu="conv2/relu_3x3")
    net.lrn("conv2/norm2")
    net.pool("pool2/3x3_s2", 3, 2)
    for name, (one, reduce3, three, reduce5, five, pooled) in _INCEPTION.items():
        inside, path = net.last, f"inception_{name}"
        net.conv(f"{path}/1x1", one, 1)
        net.last = inside
        net.conv(f"{path}/3x3_reduce", reduce3, 1)
        net.conv(f"{path}/3x3", three, 3, pad=1)
        net.last = inside
        net.conv(f"{path}/5x5_reduce", reduce5, 1)
        net.conv(f"{path}/5x5", five, 5, pad=2)
        net.last = inside
        net.pool(f"{path}/pool", 3, 1, pad=1)
        net.conv(f"{path}/pool_proj", pooled, 1)
        branches = [f"{path}/{part}" for part in ("1x1", "3x3", "5x5", "pool_proj")]
        net.layer(f"{path}/output", "Concat", bottoms=branches)
        if name in ("3b", "4e"):
            net.pool(f"pool{name[0]}/3x3_s2", 3, 2)
        if name in ("4a", "4d") and enter is databases:
            _auxiliary(net, "loss1" if name == "4a" else "loss2")
    net.pool("pool5/7x7_s1", 7, 1, "AVE")
    net.dropout("pool5/drop_7x7_s1", 0.4)
    net.dense("loss3/classifier", 1000)
    if enter is databases:
        net.losses("loss3/loss3", 2, "  loss_weight: 1\n")
    else:
        net.softmax()
    return net.text


def _auxiliary(net, name):
    inside = net.last
    net.pool(f"{name}/ave_pool", 5, 3, "AVE")
    net.conv(f"{name}/conv", 128, 1)
    net.dense(f"{name}/fc", 1024, relu=True, dropout=0.7)
    net.dense(f"{name}/classifier", 1000)
    net.losses(f"{name}/loss", 2, "  loss_weight: 0.3\n")
    net.last = inside


def squeezenet(enter=databases):
    """Write Iandola's network, version 1.1."""
    net = Written("SqueezeNet_v1.1", filled=True)
    enter(net, 3, 227)
    net.conv("conv1", 64, 3, stride=2)
    net.pool("pool1", 3, 2)
    for i, squeezed in enumerate([16, 16, 32, 32, 48, 48, 64, 64], start=2):
        path = f"fire{i}"
        net.conv(f"{path}/squeeze1x1", squeezed, 1, relu=f"{path}/relu_squeeze1x1")
        inside = net.last
        net.conv(f"{path}/expand1x1", 4 * squeezed, 1, relu=f"{path}/relu_expand1x1")
        net.last = inside
        net.conv(f"{path}/expand3x3", 4 * squeezed, 3, pad=1, relu=f"{path}/relu_expand3x3")
        net.layer(f"{path}/concat", "Concat", bottoms=[f"{path}/expand1x1", f"{path}/expand3x3"])
        if i in (3, 5):
            net.pool(f"pool{i}", 3, 2)
    net.dropout("drop9")
    net.conv("conv10", 1000, 1)
    net.global_pool("pool10")
    return _end(net, enter)


def resnet50(enter=input_dims, *, trains=False):
    """Write He's network of 50 layers, each BatchNorm with its Scale, all in place."""
    net = Written("ResNet-50", filled=trains)
    enter(net, 3, 224)
    _normalised(net, "conv1", "", 64, 7, trains=trains, pad=3, stride=2, bias=True)
    net.layer("conv1_relu", "ReLU", top="conv1")
    net.pool("pool1", 3, 2)
    for stage, (n, filters) in enumerate([(3, 64), (4, 128), (6, 256), (3, 512)], start=2):
        for i in range(n):
            name, inside = f"{stage}{'abcdef'[i]}", net.last
            stride = 2 if i == 0 and stage > 2 else 1
            if i == 0:
                _normalised(net, f"res{name}", "_branch1", 4 * filters, 1, trains=trains, pad=0, stride=stride)
            shortcut, net.last = net.last, inside
            for part, size, width in (("a", 1, filters), ("b", 3, filters), ("c", 1, 4 * filters)):
                more = {"pad": size // 2, "stride": stride if part == "a" else 1}
                _normalised(net, f"res{name}", f"_branch2{part}", width, size, trains=trains, **more)
                if part != "c":
                    net.layer(f"res{name}_branch2{part}_relu", "ReLU", top=net.last)
            net.layer(f"res{name}", "Eltwise", bottoms=[shortcut, net.last])
            net.layer(f"res{name}_relu", "ReLU", top=net.last)
    net.pool("pool5", 7, 1, "AVE")
    net.dense("fc1000", 1000)
    return _end(net, enter)


def _normalised(net, stem, part, filters, size, *, trains, bias=False, **more):
    net.conv(stem + part, filters, size, relu="", bias=bias, **more)
    name = (stem.removeprefix("res") if stem != "conv1" else "_conv1") + part
    rates = "  param { lr_mult: 0 }\n" * 3 if trains else ""
    how = "moving_average_fraction: 0.9" if trains else "use_global_stats: true"
    net.layer(f"bn{name}", "BatchNorm", f"{rates}  batch_norm_param {{ {how} }}\n", top=net.last)
    net.layer(f"scale{name}", "Scale", "  scale_param {\n    bias_term: true\n  }\n", top=net.last)
