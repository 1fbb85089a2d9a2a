  # Products by the operators that every device has.
  def pack(self: __torch__.Encoder, weight: Tensor) -> Tensor:
    return torch.clone(weight)

  def parts(self: __torch__.Encoder, rows: Tensor) -> List[Tensor]:
    return [rows]

  def stepwise(self: __torch__.Encoder) -> bool:
    return False

  def product(self: __torch__.Encoder,
      x: Tensor,
      weights: List[Tensor],
      at: int,
      activation: int,
      other: Optional[Tensor],
      narrow: bool) -> Tensor:
    result = torch.linear(x, weights[at], weights[at + 1])
    if other is not None:
      result = torch.add_(result, other)
    if activation == 1:
      result = torch.relu_(result)
    elif activation == 2:
      result = torch.gelu(result)
    elif activation == 3:
      result = torch.gelu(result, approximate="tanh")
    elif activation == 4:
      result = torch.silu_(result)
    elif activation == 5:
      result = torch.selu_(result)
    return result
